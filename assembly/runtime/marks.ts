// Which objects are in use: found from what is outside the heap, when no reference is in a local variable.
import { HEADER, markOf, OWNED } from "./blocks";
import { color, makeDue, sweep, turnColor } from "./heap";
import { pins } from "./pins";

/** The newest of the marked blocks whose members are still to be visited; it has the address of the one before. */
let gray: usize = 0;

/** Marks an object that something in use refers to. */
export function __visit(object: usize, _cookie: u32): void {
  if (!object) return;
  const block = object - HEADER;
  const mark = markOf(block);
  if (mark == color || mark == OWNED) return;
  store<u32>(block, gray | color);
  gray = block;
}

/** Asks for a collection: it comes at the end of the callback, when references are only where it looks. */
export function __collect(): void {
  makeDue();
}

/**
 * Begins a collection. What else is in use is to be visited before {@link endCollection}. Neither the caller nor any
 * of its callers has a reference to an object.
 */
export function beginCollection(): void {
  turnColor();
  // @ts-ignore: a builtin of asc that its own declarations leave out
  __visit_globals(0);
  if (pins) for (let pin = pins; pin; pin = load<usize>(pin)) __visit(load<usize>(pin, 4), 0);
}

/** Marks what is in use because something marked refers to it, and frees all the rest. */
export function endCollection(): void {
  while (gray) {
    const block = gray;
    gray = load<u32>(block) & ~3;
    // @ts-ignore: a builtin of asc that its own declarations leave out
    __visit_members(block + HEADER, 0);
  }
  sweep();
}
