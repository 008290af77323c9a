// Managed objects whose size changes.
import { resize } from "./heap";
import { movePin, pins } from "./pins";

/** Gives an object another size, which may move it. The old one stays for those who still have it. */
export function __renew(object: usize, size: usize): usize {
  const resized = resize(object, size);
  if (pins && resized != object) movePin(object, resized);
  return resized;
}

/** Called for every reference that is stored. Marking is not spread over time here, so nothing is to be done. */
// @ts-ignore: decorator
@inline
export function __link(parent: usize, child: usize, expectMultiple: bool): void {}
