// A filter whose exports build and change a graph of objects, kept in every place where a reference can be.
import {
  FilterDataStatus,
  FilterHeadersStatus,
  HttpContext,
  logInfo,
  registerHttpContext,
} from "proxy-wasm-as";

class Node {
  seed: u32;
  /** The hash that has met this object last, and as which. */
  met: u32 = 0;
  order: u32 = 0;
  left: Node | null = null;
  right: Node | null = null;
  text: string;
  bytes: Array<u8>;
  list: Array<Node | null>;
  map: Map<i32, Node> = new Map();

  constructor(seed: u32) {
    this.seed = seed;
    this.text = textOf(seed, seed % 12);
    this.bytes = new Array<u8>(seed % 60);
    this.list = new Array<Node | null>(seed % 5);
    for (let i = 0; i < this.bytes.length; i++) this.bytes[i] = <u8>(seed + i);
  }
}

class Holder {
  static first: Node | null = null;
  static second: Node | null = null;
}

let one: Node | null = null;
let two: Node | null = null;
const inArray = new Array<Node | null>(64);
const inMap = new Map<i32, Node | null>();
const inStatic: StaticArray<Node | null> = [null, null, null, null];

function textOf(seed: u32, times: u32): string {
  return (seed.toString() + "é").repeat(times);
}

// Where a node is kept: JavaScript names it by kind and index.

function get(kind: i32, index: i32): Node | null {
  switch (kind) {
    case 0:
      return inArray[index & 63];
    case 1:
      return inMap.has(index) ? inMap.get(index) : null;
    case 2:
      return index & 1 ? one : two;
    case 3:
      return index & 1 ? Holder.first : Holder.second;
    default:
      return inStatic[index & 3];
  }
}

function put(kind: i32, index: i32, node: Node | null): void {
  switch (kind) {
    case 0:
      inArray[index & 63] = node;
      break;
    case 1:
      if (node) inMap.set(index, node);
      else inMap.delete(index);
      break;
    case 2:
      if (index & 1) one = node;
      else two = node;
      break;
    case 3:
      if (index & 1) Holder.first = node;
      else Holder.second = node;
      break;
    default:
      inStatic[index & 3] = node;
  }
}

export function make(kind: i32, index: i32, seed: u32): void {
  put(kind, index, new Node(seed));
}

export function drop(kind: i32, index: i32): void {
  put(kind, index, null);
}

export function copy(kind: i32, index: i32, toKind: i32, toIndex: i32): void {
  put(toKind, toIndex, get(kind, index));
}

export function link(kind: i32, index: i32, toKind: i32, toIndex: i32, right: bool): void {
  const node = get(kind, index);
  if (!node) return;
  if (right) node.right = get(toKind, toIndex);
  else node.left = get(toKind, toIndex);
}

/** Changes a node in one of several ways. */
export function change(kind: i32, index: i32, how: i32, seed: u32): void {
  const node = get(kind, index);
  if (!node) return;
  switch (how) {
    case 0:
      node.text += textOf(seed, seed % 7);
      break;
    case 1:
      node.text = node.text.substring(0, node.text.length >> 1);
      break;
    case 2:
      node.list.push(new Node(seed));
      break;
    case 3:
      if (node.list.length) node.list.pop();
      break;
    case 4:
      node.list.splice(1, 2);
      break;
    case 5:
      node.map.set(seed & 31, new Node(seed));
      break;
    case 6:
      node.map.delete(seed & 31);
      break;
    case 7:
      node.map.clear();
      break;
    case 8:
      for (let i: u32 = 0; i < seed % 500; i++) node.bytes.push(<u8>(seed + i));
      break;
    case 9:
      node.bytes.length = node.bytes.length >> 2;
      break;
    case 10:
      node.left = node.right;
      break;
    default:
      node.list = new Array<Node | null>();
  }
}

/** Makes garbage, with all that the standard library has for it. */
export function churn(seed: u32): u32 {
  switch (seed % 5) {
    case 0: {
      const parts = textOf(seed, 50 + (seed % 50)).split("é");
      return parts.join("--").length;
    }
    case 1: {
      // More than asc sorts in place: it takes blocks of its own for that.
      const numbers = new Array<u32>();
      for (let i: u32 = 0; i < 300 + (seed % 300); i++) numbers.push((seed * i) ^ (i << 7));
      numbers.sort((a, b) => (a < b ? -1 : 1));
      return numbers[0];
    }
    case 2:
      return textOf(seed, 30 + (seed % 60)).replaceAll("é", "<e with acute>").length;
    case 3: {
      const bytes = new Uint8Array(seed % 300_000);
      for (let i = 0; i < bytes.length; i += 1000) if (bytes[i]) unreachable();
      return bytes.length;
    }
    default: {
      const encoded = String.UTF8.encode(textOf(seed, seed % 3000));
      return String.UTF8.decode(encoded).length + encoded.byteLength;
    }
  }
}

// Blocks and pins

export function allocate(size: usize): usize {
  return heap.alloc(size);
}
export function reallocate(block: usize, size: usize): usize {
  return heap.realloc(block, size);
}
export function free(block: usize): void {
  heap.free(block);
}
export function pin(kind: i32, index: i32): usize {
  // @ts-ignore: a builtin of asc that its own declarations leave out
  return __pin(changetype<usize>(get(kind, index)));
}
export function unpin(object: usize): void {
  // @ts-ignore: as above
  __unpin(object);
}
/** Changes the size of a pinned object's bytes: the pin must follow. */
export function renewPinned(length: i32, to: i32): i32 {
  // @ts-ignore: as above
  const buffer = __pin(changetype<usize>(new ArrayBuffer(length)));
  // @ts-ignore: as above
  const renewed: usize = __renew(buffer, to);
  // @ts-ignore: as above
  __unpin(renewed);
  return changetype<ArrayBuffer>(renewed).byteLength;
}
/** Another size for a static object, which has to move for that; how many bytes of it came along. */
export function renewStatic(to: i32): i32 {
  const text = "a text of the module itself";
  // @ts-ignore: as above
  const renewed = __renew(changetype<usize>(text), to);
  let same = 0;
  while (
    same < min(to, text.length << 1) &&
    load<u8>(renewed + same) == load<u8>(changetype<usize>(text) + same)
  )
    same++;
  return same;
}
export function collect(): void {
  // @ts-ignore: as above
  __collect();
}
export function growMemory(pages: i32): i32 {
  return memory.grow(pages);
}

// The hash over all that can be reached. JavaScript computes the same over its own graph.

let epoch: u32 = 0;
let met: u32 = 0;
let hash: u32 = 0;

function mix(value: u32): void {
  hash = (hash ^ value) * 16777619;
}

function mixText(text: string): void {
  mix(text.length);
  for (let i = 0; i < text.length; i++) mix(text.charCodeAt(i));
}

function mixNode(node: Node | null): void {
  if (!node) {
    mix(0xffffffff);
    return;
  }
  if (node.met == epoch) {
    mix(node.order);
    return;
  }
  node.met = epoch;
  node.order = met++;
  mix(node.seed);
  mixText(node.text);
  mix(node.bytes.length);
  for (let i = 0; i < node.bytes.length; i++) mix(node.bytes[i]);
  mixNode(node.left);
  mixNode(node.right);
  mix(node.list.length);
  for (let i = 0; i < node.list.length; i++) mixNode(node.list[i]);
  mix(node.map.size);
  for (let key = 0; key < 32; key++) if (node.map.has(key)) mixNode(node.map.get(key));
}

export function beginHash(): void {
  epoch++;
  met = 0;
  hash = 2166136261;
  for (let i = 0; i < 64; i++) mixNode(get(0, i));
  for (let i = 0; i < 64; i++) mixNode(get(1, i));
  for (let kind = 2; kind < 4; kind++) for (let i = 0; i < 2; i++) mixNode(get(kind, i));
  for (let i = 0; i < 4; i++) mixNode(get(4, i));
}
export function hashPinned(object: usize): void {
  mixNode(changetype<Node>(object));
}
export function hashValue(): u32 {
  return hash;
}
/** How many nodes the hash has met. */
export function nodesMet(): u32 {
  return met;
}

// Streams

/** What the next request headers callback does: 1 keeps a node, 2 goes into the hash, 3 calls the host. */
let order: i32 = 0;
let orderKind: i32 = 0;
let orderIndex: i32 = 0;
/** How many locals did not survive a call of the host. */
let spoiled: u32 = 0;

export function give(what: i32, kind: i32, index: i32): void {
  order = what;
  orderKind = kind;
  orderIndex = index;
}
export function spoiledLocals(): u32 {
  return spoiled;
}

class Stream extends HttpContext {
  node: Node | null = null;
  text: string | null = null;
  body: Uint8Array | null = null;

  override onRequestBody(bodySize: u32, endOfStream: bool): FilterDataStatus {
    this.text = this.requestHeaders.get("x-value");
    this.body = this.requestBody.bytes();
    return FilterDataStatus.Continue;
  }

  override onRequestHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    const what = order;
    order = 0;
    switch (what) {
      case 1:
        this.node = get(orderKind, orderIndex);
        break;
      case 2: {
        mixNode(this.node);
        const text = this.text;
        if (text != null) mixText(text);
        const body = this.body;
        if (body != null) for (let i = 0; i < body.length; i++) mix(body[i]);
        break;
      }
      case 3: {
        // These are only in local variables while the host calls in again and does what it likes.
        const seed = this.contextId;
        const text = textOf(seed, 20);
        const node = new Node(seed);
        node.left = new Node(seed + 1);
        const bytes = new Uint8Array(200).fill(7);
        logInfo("again");
        const left = node.left;
        if (text != textOf(seed, 20) || node.text != textOf(seed, seed % 12)) spoiled++;
        if (left == null || left.text != textOf(seed + 1, (seed + 1) % 12)) spoiled++;
        for (let i = 0; i < bytes.length; i++) if (bytes[i] != 7) spoiled++;
      }
    }
    return FilterHeadersStatus.Continue;
  }
}
registerHttpContext<Stream>();

// The heap as it is, for JavaScript to walk.

export function nodeClass(): u32 {
  return idof<Node>();
}
export function streamClass(): u32 {
  return idof<Stream>();
}

export * from "./heap-exports";
