// A host of fixed answers, all of them true: what an ordinary request is served with.
import { HOST_FUNCTIONS } from "./host-functions.ts";
import { serialize } from "./values.ts";
import type { GuestPort, HostCall } from "./guest-port.ts";

const PAIRS = (
  [
    [":path", "/calm"],
    ["x-a", "alpha"],
    ["x-forwarded-proto", "http"],
    ["x-b", ""],
    ["x-a", "beta \u00e9\u20ac\u{1f600}"],
  ] as const
).map(([name, value]) => [Buffer.from(name), Buffer.from(value)] as const);

const VALUES: Readonly<Record<string, string>> = {
  ":path": "/calm",
  "x-a": "alpha",
  "x-b": "",
  "content-length": "30",
  plugin_root_id: "plain",
};

const TIME = 1_700_000_000_000_000_000n;
const ENVIRONMENT = ["MODE=calm", "EMPTY="];

/** The environment as the guest reports it. */
export const CALM_ENVIRONMENT = ENVIRONMENT.join("\x01");

function value(call: HostCall): Buffer | null {
  if (call.name === "proxy_get_buffer_bytes") {
    const [, start = 0, length = 0] = call.parameters;
    return Buffer.from("a body ".repeat(30)).subarray(start >>> 0, (start >>> 0) + (length >>> 0));
  }
  if (call.name === "proxy_get_header_map_pairs") return serialize(PAIRS);
  const found = VALUES[call.areas[0]?.toString("latin1") ?? ""];
  return found === undefined ? null : Buffer.from(found);
}

function deliver(port: GuestPort, call: HostCall): number {
  const [pointerOut, sizeOut] = HOST_FUNCTIONS[call.name]!.outs.map((at) => call.parameters[at]!);
  const bytes = value(call);
  if (bytes === null) return 1;
  let pointer = 0;
  if (bytes.length > 0) {
    pointer = port.allocate(bytes.length);
    if (pointer === 0) return 6;
    port.memory.write(pointer, bytes);
  }
  port.memory.writeWord(pointerOut!, pointer);
  port.memory.writeWord(sizeOut!, bytes.length);
  call.reading.value = bytes;
  return 0;
}

/** Answers a host function truthfully. */
export function answerCalmly(port: GuestPort, call: HostCall): number {
  const { memory } = port;
  const { output, outs } = HOST_FUNCTIONS[call.name]!;
  const [first = 0, second = 0] = outs.map((at) => call.parameters[at]!);
  switch (output) {
    case "bytes":
    case "pairs":
      return deliver(port, call);
    case "word":
    case "words": {
      const environment = call.name === "environ_sizes_get";
      const number = call.name === "proxy_get_log_level" ? 0 : environment ? ENVIRONMENT.length : 210;
      memory.writeWord(first, number);
      if (output === "words") memory.writeWord(second, environment ? ENVIRONMENT.join("\0").length + 1 : 0);
      call.reading.number = BigInt(number);
      return 0;
    }
    case "long":
      memory.writeLong(first, TIME);
      call.reading.number = TIME;
      return 0;
    case "random":
      memory.write(call.parameters[0]!, Buffer.alloc(call.parameters[1]!, 7));
      return 0;
    case "environment": {
      let target = call.parameters[1]!;
      ENVIRONMENT.forEach((text, index) => {
        memory.writeWord(call.parameters[0]! + index * 4, target);
        memory.write(target, `${text}\0`);
        target += text.length + 1;
      });
      return 0;
    }
    default:
      return 0;
  }
}
