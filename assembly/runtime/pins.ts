// Objects that stay because someone outside, a host for example, refers to them.
import { __alloc, __free } from "./owned";

/** The newest pin: an owned block with the address of the pin before it, and of its object. */
export let pins: usize = 0;

/** The pin of an object; 0 if it has none. */
function findPin(object: usize): usize {
  let pin = pins;
  while (pin && load<usize>(pin, 4) != object) pin = load<usize>(pin);
  return pin;
}

/** Keeps an object. */
export function __pin(object: usize): usize {
  if (!object) return 0;
  if (findPin(object)) throw new Error("Object already pinned");
  const pin = __alloc(8);
  store<usize>(pin, pins);
  store<usize>(pin, object, 4);
  pins = pin;
  return object;
}

/** Lets a kept object go. */
export function __unpin(object: usize): void {
  if (!object) return;
  const pin = findPin(object);
  if (!pin) throw new Error("Object is not pinned");
  // The newest takes its place.
  store<usize>(pin, load<usize>(pins, 4), 4);
  const next = load<usize>(pins);
  __free(pins);
  pins = next;
}

/** A kept object has moved. */
export function movePin(from: usize, to: usize): void {
  const pin = findPin(from);
  if (pin) store<usize>(pin, to, 4);
}
