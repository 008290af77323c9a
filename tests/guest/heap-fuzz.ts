// Random work on the heap of assembly/heap.ts, and a graph of JavaScript objects that must stay the same as there.
import type { Answers, Stub } from "./stub-host.ts";
import { finish, startStub } from "./stub-host.ts";
import { checkCollected, poison, readHeap, type HeapExports } from "./heap-walk.ts";
import { seeded, type Random } from "./random.ts";

interface HeapGuest extends HeapExports {
  make(kind: number, index: number, seed: number): void;
  drop(kind: number, index: number): void;
  copy(kind: number, index: number, toKind: number, toIndex: number): void;
  link(kind: number, index: number, toKind: number, toIndex: number, right: number): void;
  change(kind: number, index: number, how: number, seed: number): void;
  churn(seed: number): number;
  allocate(size: number): number;
  reallocate(block: number, size: number): number;
  free(block: number): void;
  pin(kind: number, index: number): number;
  unpin(object: number): void;
  renewPinned(length: number, to: number): number;
  renewStatic(to: number): number;
  collect(): void;
  growMemory(pages: number): number;
  beginHash(): void;
  hashPinned(object: number): void;
  hashValue(): number;
  nodesMet(): number;
  give(what: number, kind: number, index: number): void;
  spoiledLocals(): number;
  nodeClass(): number;
  streamClass(): number;
}

/** The same as the class Node of the guest. */
interface Node {
  seed: number;
  text: string;
  bytes: number[];
  left: Node | null;
  right: Node | null;
  list: (Node | null)[];
  map: Map<number, Node>;
}

interface Stream {
  node: Node | null;
  text: string | null;
  body: Uint8Array | null;
}

export interface HeapFuzz {
  readonly seed: number;
  readonly steps: number;
  /** Asks for a collection before every callback. */
  readonly collectAlways?: boolean;
}

export interface HeapFuzzResult {
  readonly collections: number;
  readonly pages: number;
  readonly hashes: number;
  /** The most objects that were in use at a collection. */
  readonly mostBlocks: number;
}

const textOf = (seed: number, times: number): string => `${seed}é`.repeat(times);

function newNode(seed: number): Node {
  return {
    seed,
    text: textOf(seed, seed % 12),
    bytes: Array.from({ length: seed % 60 }, (_, i) => (seed + i) & 255),
    left: null,
    right: null,
    list: Array.from({ length: seed % 5 }, () => null),
    map: new Map(),
  };
}

/** The guest's graph as JavaScript sees it. */
class Mirror {
  readonly kept: (Node | null)[][] = [64, 64, 2, 2, 4].map((length) =>
    new Array<Node | null>(length).fill(null),
  );
  readonly streams = new Map<number, Stream>();
  readonly pins = new Map<number, Node>();
  readonly owned = new Map<number, { size: number; fill: number }>();
  /** Pages that the filter has added to the memory itself, and filled. */
  readonly foreign: number[] = [];

  get(kind: number, index: number): Node | null {
    const places = this.kept[kind]!;
    return places[index % places.length]!;
  }

  put(kind: number, index: number, node: Node | null): void {
    const places = this.kept[kind]!;
    places[index % places.length] = node;
  }

  change(node: Node, how: number, seed: number): void {
    if (how === 0) node.text += textOf(seed, seed % 7);
    else if (how === 1) node.text = node.text.substring(0, node.text.length >> 1);
    else if (how === 2) node.list.push(newNode(seed));
    else if (how === 3) node.list.pop();
    else if (how === 4) node.list.splice(1, 2);
    else if (how === 5) node.map.set(seed & 31, newNode(seed));
    else if (how === 6) node.map.delete(seed & 31);
    else if (how === 7) node.map.clear();
    else if (how === 8) for (let i = 0; i < seed % 500; i++) node.bytes.push((seed + i) & 255);
    else if (how === 9) node.bytes.length = node.bytes.length >> 2;
    else if (how === 10) node.left = node.right;
    else node.list = [];
  }

  /** The guest's hash, and how many nodes it meets. */
  hash(): { hash: number; met: number } {
    let hash = 2166136261 | 0;
    const orders = new Map<Node, number>();
    const mix = (value: number): void => {
      hash = Math.imul(hash ^ value, 16777619);
    };
    const mixText = (text: string): void => {
      mix(text.length);
      for (let i = 0; i < text.length; i++) mix(text.charCodeAt(i));
    };
    const mixNode = (node: Node | null): void => {
      if (!node) return mix(0xffffffff);
      const order = orders.get(node);
      if (order !== undefined) return mix(order);
      orders.set(node, orders.size);
      mix(node.seed);
      mixText(node.text);
      mix(node.bytes.length);
      for (const byte of node.bytes) mix(byte);
      mixNode(node.left);
      mixNode(node.right);
      mix(node.list.length);
      for (const each of node.list) mixNode(each);
      mix(node.map.size);
      for (let key = 0; key < 32; key++) if (node.map.has(key)) mixNode(node.map.get(key)!);
    };
    for (const places of this.kept) for (const node of places) mixNode(node);
    for (const node of this.pins.values()) mixNode(node);
    for (const { node, text, body } of this.streams.values()) {
      mixNode(node);
      if (text !== null) mixText(text);
      if (body) for (const byte of body) mix(byte);
    }
    return { hash, met: orders.size };
  }
}

/** Starts the module and works on it; throws at the first thing that is not as it must be, with the step's number. */
export async function fuzzHeap(
  wasm: string,
  { seed, steps, collectAlways }: HeapFuzz,
): Promise<HeapFuzzResult> {
  const answers: Answers = {};
  const stub = await startStub(wasm, answers);
  const work = new Work(stub, answers, seeded(seed), collectAlways ?? false);
  for (let step = 0; step < steps; step++) {
    try {
      work.step();
    } catch (cause) {
      throw new Error(`seed ${seed}, step ${step} of ${steps}: ${String(cause)}`, { cause });
    }
  }
  work.check();
  return { ...work.counts, pages: stub.pages };
}

class Work {
  readonly counts = { collections: 0, hashes: 0, mostBlocks: 0 };
  private readonly guest: HeapGuest;
  private readonly mirror = new Mirror();
  private readonly stub: Stub;
  private readonly answers: Answers;
  private readonly random: Random;
  private readonly collectAlways: boolean;
  private nextStream = 2;
  private color: number;
  private depth = 0;

  constructor(stub: Stub, answers: Answers, random: Random, collectAlways: boolean) {
    this.stub = stub;
    this.answers = answers;
    this.random = random;
    this.collectAlways = collectAlways;
    this.guest = stub.exports as unknown as HeapGuest;
    this.color = this.guest.heapColor();
    answers.log = () => this.again();
  }

  /** One piece of work, and mostly a callback, after which objects may be collected. */
  step(): void {
    this.work();
    if (this.random(3)) {
      if (this.collectAlways || !this.random(200)) this.guest.collect();
      this.callback();
      this.afterCallback();
    }
    if (!this.random(20)) this.check();
  }

  check(): void {
    readHeap(this.guest);
    this.checkHash();
    this.checkOwned();
  }

  private place(): [kind: number, index: number] {
    const kind = this.random(10);
    return [kind < 4 ? 0 : kind < 7 ? 1 : kind - 5, this.random(64)];
  }

  private work(): void {
    const { guest, mirror, random } = this;
    const [kind, index] = this.place();
    const [toKind, toIndex] = this.place();
    const seed = random(1_000_000);
    const what = random(100);
    if (what < 15) {
      guest.make(kind, index, seed);
      mirror.put(kind, index, newNode(seed));
    } else if (what < 25) {
      guest.drop(kind, index);
      mirror.put(kind, index, null);
    } else if (what < 32) {
      guest.copy(kind, index, toKind, toIndex);
      mirror.put(toKind, toIndex, mirror.get(kind, index));
    } else if (what < 42) {
      const right = random(2);
      guest.link(kind, index, toKind, toIndex, right);
      const node = mirror.get(kind, index);
      if (node) node[right ? "right" : "left"] = mirror.get(toKind, toIndex);
    } else if (what < 70) {
      const how = random(12);
      guest.change(kind, index, how, seed);
      const node = mirror.get(kind, index);
      if (node) mirror.change(node, how, seed);
    } else if (what < 80) {
      guest.churn(seed);
    } else if (what < 92) {
      this.workOnBlocks();
    } else if (what < 98) {
      this.workOnPins(kind, index);
    } else if (what < 99) {
      guest.renewPinned(random(500), random(50_000));
      const to = random(100);
      equal("bytes of a static object", guest.renewStatic(to), Math.min(to, 54));
    } else if (!random(4) && mirror.foreign.length < 8) {
      const at = guest.growMemory(1) * 65536;
      new Uint8Array(guest.memory.buffer).fill(0xee, at, at + 65536);
      mirror.foreign.push(at);
    }
  }

  private randomSize(): number {
    const magnitude = this.random(20);
    return this.random(magnitude < 12 ? 100 : magnitude < 18 ? 2000 : 100_000);
  }

  private workOnBlocks(): void {
    const { guest, mirror, random } = this;
    const blocks = [...mirror.owned.keys()];
    const fill = random(256);
    const memory = (): Uint8Array => new Uint8Array(guest.memory.buffer);
    const chosen = blocks[random(blocks.length || 1)];
    if (chosen === undefined || (blocks.length < 40 && random(2))) {
      const size = this.randomSize();
      const at = guest.allocate(size) >>> 0;
      memory().fill(fill, at, at + size);
      mirror.owned.set(at, { size, fill });
      return;
    }
    this.checkBlock(chosen);
    const { size: old, fill: before } = mirror.owned.get(chosen)!;
    mirror.owned.delete(chosen);
    if (random(2)) return guest.free(chosen);
    const size = this.randomSize();
    const at = guest.reallocate(chosen, size) >>> 0;
    mirror.owned.set(at, { size: Math.min(size, old), fill: before });
    this.checkBlock(at);
    memory().fill(fill, at, at + size);
    mirror.owned.set(at, { size, fill });
  }

  private workOnPins(kind: number, index: number): void {
    const { guest, mirror, random } = this;
    const pinned = [...mirror.pins.keys()];
    const node = mirror.get(kind, index);
    if (random(2) && node && ![...mirror.pins.values()].includes(node)) {
      mirror.pins.set(guest.pin(kind, index) >>> 0, node);
    } else if (pinned.length > 5 || (pinned.length && random(2))) {
      const object = pinned[random(pinned.length)]!;
      guest.unpin(object);
      mirror.pins.delete(object);
    }
  }

  /** A callback of the host: a stream begins, ends, or has headers. */
  private callback(): void {
    const { guest, mirror, random, stub } = this;
    const ids = [...mirror.streams.keys()];
    const what = random(10);
    const id = ids[random(ids.length || 1)];
    if (id === undefined || (what < 3 && ids.length < 200)) {
      mirror.streams.set(this.nextStream, { node: null, text: null, body: null });
      // Its first callback, since it has no other way of learning of a stream.
      stub.call("proxy_on_request_headers", this.nextStream++, 1, 0);
    } else if (what < 4) {
      finish(stub, id);
      mirror.streams.delete(id);
    } else if (what < 6) {
      const [kind, index] = this.place();
      guest.give(1, kind, index);
      mirror.streams.get(id)!.node = mirror.get(kind, index);
      stub.call("proxy_on_request_headers", id, 1, 0);
    } else if (what < 8) {
      // Text that is not ASCII takes less room than the library first takes for it.
      const text = (random(2) ? "v" : "wé€").repeat(random(random(10) ? 300 : 20_000));
      const body = new Uint8Array(random(random(10) ? 2000 : 200_000)).fill(random(256));
      Object.assign(this.answers, { header: text, body });
      Object.assign(mirror.streams.get(id)!, { text, body });
      stub.call("proxy_on_request_body", id, body.length, 0);
    } else {
      guest.give(3, 0, 0);
      stub.call("proxy_on_request_headers", id, 1, 0);
    }
  }

  /** The host calls in while a callback waits for it. Nothing may be collected. */
  private again(): void {
    if (this.depth > 1) return;
    this.depth++;
    this.guest.collect();
    for (let i = this.random(8); i >= 0; i--) {
      this.work();
      if (!this.random(3)) this.callback();
    }
    readHeap(this.guest);
    if (this.color !== this.guest.heapColor()) throw new Error("a collection came inside a callback");
    this.depth--;
  }

  private afterCallback(): void {
    const { guest, mirror } = this;
    if (guest.spoiledLocals()) throw new Error("what only local variables held was lost");
    if (this.color === guest.heapColor()) return;
    this.color = guest.heapColor();
    this.counts.collections++;
    const heap = readHeap(guest);
    checkCollected(guest, heap);
    const used = (id: number): number =>
      heap.blocks.filter((it) => it.mark !== 0 && it.mark !== 3 && it.id === id).length;
    const { met } = mirror.hash();
    equal("nodes", used(guest.nodeClass()), met);
    equal("streams", used(guest.streamClass()), mirror.streams.size);
    equal(
      "owned blocks",
      heap.blocks.filter((it) => it.mark === 3 && !mirror.foreign.includes(it.at + 12)).length,
      mirror.owned.size + mirror.pins.size,
    );
    this.counts.mostBlocks = Math.max(
      this.counts.mostBlocks,
      heap.blocks.filter((it) => it.mark !== 0).length,
    );
    poison(guest, heap);
  }

  private checkHash(): void {
    const { guest, mirror, stub } = this;
    this.counts.hashes++;
    guest.beginHash();
    for (const object of mirror.pins.keys()) guest.hashPinned(object);
    for (const id of mirror.streams.keys()) {
      guest.give(2, 0, 0);
      stub.call("proxy_on_request_headers", id, 1, 0);
    }
    this.afterCallback();
    const { hash, met } = mirror.hash();
    equal("nodes the hash has met", guest.nodesMet(), met);
    equal("hash", guest.hashValue() | 0, hash);
  }

  private checkOwned(): void {
    for (const at of this.mirror.owned.keys()) this.checkBlock(at);
    for (const at of this.mirror.foreign) {
      if (new Uint8Array(this.guest.memory.buffer, at, 65536).some((byte) => byte !== 0xee))
        throw new Error(`the page at ${at} is the filter's own, and was written to`);
    }
  }

  private checkBlock(at: number): void {
    const { size, fill } = this.mirror.owned.get(at)!;
    const bytes = new Uint8Array(this.guest.memory.buffer, at, size);
    if (at % 16) throw new Error(`the block at ${at} is not aligned`);
    const wrong = bytes.findIndex((byte) => byte !== fill);
    if (wrong >= 0)
      throw new Error(`byte ${wrong} of the block at ${at} of ${size} bytes is ${bytes[wrong]}, not ${fill}`);
  }
}

function equal(what: string, found: number, expected: number): void {
  if (found !== expected) throw new Error(`${what}: ${found}, expected ${expected}`);
}
