// Checks of what the guest passes to the host: where it lies, and that nothing of it was read where it must not be.
import { Failure } from "./failure.ts";
import { parsePairs } from "./reading.ts";
import { POISON } from "./values.ts";
import type { GuestMemory } from "../host/index.ts";

/** Where the guest keeps what it passes: it says so when it starts. */
export interface Layout {
  /** Out-parameters: 16 bytes. */
  readonly out: number;
  /** The static area of arguments: {@link SCRATCH_SIZE} bytes. */
  readonly scratch: number;
  /** Where the heap begins. */
  readonly heap: number;
}

const OUT_SIZE = 16;
const SCRATCH_SIZE = 4096;
/** The one argument of the library's own that lies elsewhere. */
const STATIC_ARGUMENT = "response\0code_details";

/** The layout in the line that the guest logs, or null if the line is another. */
export function parseLayout(line: string): Layout | null {
  const match = /^@layout (\d+) (\d+) (\d+)$/.exec(line);
  return match && { out: Number(match[1]), scratch: Number(match[2]), heap: Number(match[3]) };
}

function overlaps(start: number, end: number, area: number, size: number): boolean {
  return start < area + size && end > area;
}

/** The bytes of an argument. With `literals` they may lie in static memory, behind what the library keeps there first. */
export function readArea(
  memory: GuestMemory,
  layout: Layout | null,
  name: string,
  pointer: number,
  size: number,
  literals: boolean,
): Buffer {
  const [start, length] = [pointer >>> 0, size >>> 0];
  const bytes = memory.read(start, length);
  if (bytes === null)
    throw new Failure("pointer", `${name} was passed ${length} bytes at ${start}, outside memory`);
  const end = start + length;
  if (
    layout !== null &&
    length > 0 &&
    start < layout.heap &&
    (start < layout.scratch || end > layout.scratch + SCRATCH_SIZE) &&
    !(literals && start >= layout.out + OUT_SIZE) &&
    bytes.toString() !== STATIC_ARGUMENT
  )
    throw new Failure("pointer", `${name} was passed ${length} bytes at ${start}, no place of arguments`);
  return bytes;
}

/** Refuses bytes that the guest can only have read outside what it was given. */
export function checkLeak(name: string, bytes: Buffer, serialized: boolean): void {
  const parts = serialized ? parsePairs(bytes).flat() : [bytes];
  if (!parts.some((part) => part.includes(POISON))) return;
  throw new Failure("leak", `${name} was passed bytes that lay outside what the host gave`);
}

/** Checks a pointer to where the host shall write `size` bytes. */
export function checkOut(layout: Layout | null, name: string, pointer: number, size: number): void {
  const start = pointer >>> 0;
  if (layout === null || (start >= layout.out && start + size <= layout.out + OUT_SIZE && start % 4 === 0))
    return;
  throw new Failure("pointer", `${name} was told to write to ${start}, no place of out-parameters`);
}

/** Checks a block that the guest's allocator gave out. */
export function checkBlock(memory: GuestMemory, layout: Layout | null, pointer: number, size: number): void {
  const end = pointer + size;
  if (memory.read(pointer, size) === null)
    throw new Failure("pointer", `the allocator gave a block of ${size} bytes at ${pointer}, outside memory`);
  if (
    layout !== null &&
    (overlaps(pointer, end, layout.out, OUT_SIZE) || overlaps(pointer, end, layout.scratch, SCRATCH_SIZE))
  )
    throw new Failure(
      "pointer",
      `the allocator gave a block of ${size} bytes at ${pointer}, which is in use`,
    );
}
