// Looks at the heap of a module from outside: every block of the row, every list of free runs, what must hold.

/** The exports of assembly/heap.ts that tell where the heap is. */
export interface HeapExports {
  memory: WebAssembly.Memory;
  heapStart(): number;
  heapEnd(): number;
  heapBump(): number;
  heapLimit(): number;
  heapColor(): number;
  heapLists(): number;
  heapRoom(): number;
}

export interface Block {
  readonly at: number;
  /** With the header, and what its length is rounded up by. */
  readonly length: number;
  /** 0 free, 1 and 2 objects, 3 owned by hand. */
  readonly mark: number;
  readonly id: number;
  readonly size: number;
}

export interface Heap {
  readonly blocks: readonly Block[];
  /** The current run, from its first free byte; no block. */
  readonly current: { readonly from: number; readonly to: number };
}

const HEADER = 12;
const LISTS = 41;

class HeapError extends Error {}

function fail(message: string): never {
  throw new HeapError(message);
}

/** Bytes of a block that holds `size` bytes. */
export function blockLength(size: number): number {
  return Math.floor((size + HEADER + 15) / 16) * 16;
}

/** The list in which a free run of this length belongs. */
function listOf(length: number): number {
  return length <= 256 ? length / 16 : 40 - Math.clz32(length);
}

/** Reads the heap, and throws where it is not what it should be at any moment outside the allocator. */
export function readHeap(exports: HeapExports): Heap {
  const view = new DataView(exports.memory.buffer);
  const word = (at: number): number => view.getUint32(at, true);
  const [start, end] = [exports.heapStart() >>> 0, exports.heapEnd() >>> 0];
  const current = { from: exports.heapBump() >>> 0, to: exports.heapLimit() >>> 0 };
  if (end === 0) return { blocks: [], current };
  if (start % 16 !== 4 || end > view.byteLength - HEADER + 32) fail(`the row is from ${start} to ${end}`);

  const blocks: Block[] = [];
  const free = new Map<number, number>();
  let at = start;
  let currentSeen = current.from === current.to;
  while (at < end) {
    if (at === current.from && !currentSeen) {
      currentSeen = true;
      at = current.to;
      continue;
    }
    const size = word(at + 8);
    const length = blockLength(size);
    const mark = word(at) & 3;
    if (at + length > end) fail(`the block at ${at} of ${size} bytes reaches over the end ${end}`);
    if (at < current.from && at + length > current.from)
      fail(`the block at ${at} reaches into the current run`);
    blocks.push({ at, length, mark, id: word(at + 4), size });
    if (mark === 0) free.set(at, length);
    at += length;
  }
  if (at !== end) fail(`the row ends at ${at} and not at ${end}`);
  if (!currentSeen) fail(`the current run at ${current.from} is no part of the row`);

  let room = 0;
  for (let list = 0; list < LISTS; list++) {
    for (let run = word(exports.heapLists() + list * 4); run !== 0; run = word(run)) {
      const length = free.get(run);
      if (length === undefined) fail(`list ${list} holds ${run}, which is no free run, or twice in lists`);
      if (listOf(length) !== list) fail(`the run at ${run} of ${length} bytes is in list ${list}`);
      free.delete(run);
      room += length;
    }
  }
  if (free.size) fail(`free runs at ${[...free.keys()].join()} are in no list`);
  if (room !== exports.heapRoom() >>> 0) fail(`free runs have ${room} bytes, not ${exports.heapRoom()}`);
  return { blocks, current };
}

/** Throws where the heap is not what it should be right after a collection. */
export function checkCollected(exports: HeapExports, { blocks, current }: Heap): void {
  if (current.from !== current.to) fail("there is a current run");
  const color = exports.heapColor();
  blocks.forEach((block, index) => {
    if (block.mark !== 0 && block.mark !== color && block.mark !== 3)
      fail(`the object at ${block.at} is dead and still there`);
    if (block.mark === 0 && blocks[index - 1]?.mark === 0)
      fail(`the free runs at ${blocks[index - 1]!.at} and ${block.at} are side by side`);
  });
}

/** Overwrites all that is free, so that nobody can still use it unnoticed. */
export function poison(exports: HeapExports, { blocks, current }: Heap): void {
  const bytes = new Uint8Array(exports.memory.buffer);
  for (const { at, length, mark } of blocks) if (mark === 0) bytes.fill(0xdd, at + HEADER, at + length);
  bytes.fill(0xdd, current.from, current.to);
}
