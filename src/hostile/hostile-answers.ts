// A host that lies: every status, misplaced results, lengths that are wrong, the allocator misused.
import { HOST_FUNCTIONS } from "./host-functions.ts";
import { MOST_CALLS } from "./callbacks.ts";
import * as values from "./values.ts";
import type { GuestPort, HostCall } from "./guest-port.ts";

/** No proxy can have that much: sizes at which the guest's allocator must give nothing. */
const TOO_LARGE = [0x3fffffff, 0x40000000, 0x7fffffff, 0x80000000, 0xfffffff0, 0xffffffff];
/** A read of more than this may fail when memory is short. */
const SMALL = 2048;

/** The block that the guest has given last, which alone may hold a result. */
interface Block {
  pointer: number;
  size: number;
}

function allocate(port: GuestPort, block: Block, size: number): number {
  const pointer = port.allocate(size);
  block.pointer = pointer;
  block.size = size;
  return pointer;
}

/** A result that lies somewhere, with an allocation before or not. Returns where the host says it is. */
function place(port: GuestPort, block: Block, bytes: Buffer): [pointer: number, length: number] {
  const { memory, random } = port;
  const room = memory.pages * 65_536;
  const known = [block.pointer, port.layout?.out ?? 0, port.layout?.scratch ?? 0, port.layout?.heap ?? 0];
  const put = (size: number): number => {
    const pointer = allocate(port, block, size);
    if (pointer !== 0) memory.write(pointer, bytes.subarray(0, size));
    return pointer;
  };
  switch (random.below(20)) {
    case 0: // no bytes, but a pointer
      return [values.pointer(random, room, known), 0];
    case 1: // no allocation
      return [values.pointer(random, room, known), bytes.length];
    case 2: // a block, but the result elsewhere
      put(bytes.length);
      return [values.pointer(random, room, [block.pointer, ...known]), bytes.length];
    case 3: // longer than the block
      return [put(bytes.length), values.length(random, bytes.length)];
    case 4: // two blocks, the result in the first
      return [put(bytes.length), (allocate(port, block, values.size(random, port.largest)), bytes.length)];
    case 5: // two blocks, the result in the second
      allocate(port, block, values.size(random, port.largest));
      return [put(bytes.length), bytes.length];
    case 6: {
      // a block, then one that cannot be had, and the result of the second's size in the first
      const pointer = put(bytes.length);
      const size = random.oneIn(2) ? random.pick(TOO_LARGE) : values.size(random, port.largest);
      allocate(port, block, size);
      return [pointer, random.oneIn(2) ? size : bytes.length];
    }
    case 7: // what cannot be had
      allocate(port, block, random.pick(TOO_LARGE));
      return [block.pointer, random.oneIn(2) ? block.size : bytes.length];
    case 8: // a block of no size
      allocate(port, block, 0);
      return [block.pointer, random.oneIn(2) ? 0 : bytes.length];
    case 9:
    case 10:
    case 11: // a block with room behind the result
      put(bytes.length + random.pick([1, 2, 8, Math.max(1, 2048 - bytes.length), random.below(5000)]));
      return [block.pointer, bytes.length];
    default:
      return bytes.length === 0 ? [0, 0] : [put(bytes.length), bytes.length];
  }
}

function deliver(port: GuestPort, call: HostCall, status: number): number {
  const { memory, random } = port;
  const { output, outs } = HOST_FUNCTIONS[call.name]!;
  const [pointerOut, sizeOut, numberOut] = outs.map((at) => call.parameters[at]!);
  // The configuration is kept, and read in several ways at once.
  const configuration = call.name === "proxy_get_buffer_bytes" && call.parameters[0] === 7;
  const size = values.size(random, port.tight && configuration ? SMALL : port.largest);
  const stats = call.name === "proxy_get_buffer_bytes" && call.parameters[0] === 8;
  const plain = stats ? values.stats(random) : values.bytes(random, size);
  const bytes = output === "pairs" ? values.pairs(random, 300) : plain;
  const block: Block = { pointer: 0, size: 0 };
  port.reenter(call.reading);
  if (random.oneIn(status === 0 ? 16 : 2)) {
    // Out-parameters that stay as they were mean an empty value.
    if (status === 0) call.reading.value = Buffer.alloc(0);
    port.note(`${status}, nothing written`);
    return status;
  }
  const [pointer, length] = place(port, block, bytes);
  port.reenter(call.reading);
  memory.writeWord(pointerOut!, pointer);
  memory.writeWord(sizeOut!, length);
  if (numberOut !== undefined && random.oneIn(2)) memory.writeWord(numberOut, random.word());
  const inBlock = pointer === block.pointer && pointer !== 0 && length <= block.size;
  if (status === 0 && (length === 0 || inBlock))
    call.reading.value = Buffer.from(length === 0 ? [] : memory.read(pointer, length)!);
  if (port.tight && length > SMALL) call.reading.loose = true;
  port.note(`${status}, ${length} bytes at ${pointer}; block of ${block.size} at ${block.pointer}`);
  return status;
}

/** Answers a host function in any way that does not corrupt the guest's memory. */
export function answerHostilely(port: GuestPort, call: HostCall): number {
  const { memory, random } = port;
  const { output, outs } = HOST_FUNCTIONS[call.name]!;
  const status = random.oneIn(4) ? random.pick(values.STATUSES) : 0;
  if (output === "bytes" || output === "pairs") return deliver(port, call, status);
  if (output === "environment") {
    const [pointers = 0, data = 0] = call.parameters;
    port.environment.give(random, memory, pointers, data);
    if (status !== 0) port.environment.expected = "";
    return status;
  }
  if (call.name === "environ_sizes_get") {
    const [count, size] = port.environment.tell(random);
    memory.writeWord(call.parameters[0]!, count);
    memory.writeWord(call.parameters[1]!, size);
    return status;
  }
  if (output === "random") {
    const [pointer = 0, size = 0] = call.parameters;
    memory.write(pointer, values.bytes(random, size));
    // A seed is an out-parameter, and may be missing.
    return pointer === port.layout?.out || (port.refusesRandom && random.oneIn(20)) ? status : 0;
  }
  port.reenter(call.reading);
  if (output === "none" || random.oneIn(8)) return status;
  const usual = /_call$|_stream$/.test(call.name) ? MOST_CALLS : 200;
  const number =
    output === "long"
      ? values.time(random)
      : BigInt(random.oneIn(3) ? values.length(random, 50) : random.below(usual));
  if (output === "long") memory.writeLong(call.parameters[outs[0]!]!, number);
  else memory.writeWord(call.parameters[outs[0]!]!, Number(number));
  if (output === "words")
    memory.writeWord(call.parameters[outs[1]!]!, random.oneIn(2) ? random.below(2000) : random.word());
  if (status === 0) call.reading.number = number;
  return status;
}
