// The layers below Envoy's walk: module, VM and hostcalls for those who bring their own host.
import { describe, expect, it } from "vitest";
import {
  BaseContext,
  ByteBuffer,
  Clock,
  compileModule,
  decodePairs,
  encodePairs,
  HeaderMap,
  Status,
  Vm,
} from "../../src/host/index.ts";
import { callback, guest, logAnswer, logStatus, OUT } from "./guest.ts";
import type { Answer, Pair, VmOptions } from "../../src/host/index.ts";

const OPTIONS: VmOptions = {
  environment: new Map(),
  capabilities: null,
  wallNanoseconds: () => 0n,
  monotonicNanoseconds: () => 0n,
  random: (size) => new Uint8Array(size),
  report: () => {},
};

/** A host of a few lines: one map that all callbacks can reach. */
class TinyContext extends BaseContext {
  readonly lines: string[] = [];
  readonly headers = new HeaderMap("request-headers", [["a", "1"]]);
  readonly id: number;

  constructor(id: number) {
    super();
    this.id = id;
  }
  override log(_level: number, message: string): number {
    this.lines.push(message);
    return Status.Ok;
  }
  override getHeaderMapValue(_type: number, name: string): Answer<string> {
    return this.headers.get(name) ?? Status.NotFound;
  }
}

describe("the VM", () => {
  it("runs a guest with somebody else's hostcalls, and refuses those that are not there", async () => {
    const module = await compileModule(
      guest(
        (
          text,
        ) => `${callback("proxy_on_request_headers", logAnswer(`(call $proxy_get_header_map_value (i32.const 0) ${text("A")}`))}
        ${callback("proxy_on_tick", logStatus("(call $proxy_done)"))}`,
      ),
    );
    const vm = Vm.start(module, OPTIONS, new TinyContext(0));
    const context = new TinyContext(2);
    expect(
      vm.invoke("proxy_on_request_headers", vm.callback("proxy_on_request_headers")!, context, 2, 1, 1),
    ).toBe(0);
    expect(context.lines).toEqual(["1"]);
    expect(() => vm.invoke("proxy_on_tick", vm.callback("proxy_on_tick")!, context, 1)).toThrow(
      /proxy_done was called on context 2/,
    );
  });

  it("lets a host call back in while the guest waits for a hostcall", async () => {
    const module = await compileModule(
      guest(
        (text) =>
          callback(
            "proxy_on_tick",
            logStatus(`(call $proxy_get_property ${text("x")} (i32.const ${OUT}) (i32.const ${OUT + 4}))`),
          ) + callback("proxy_on_log", logStatus("(local.get 0)")),
      ),
    );
    class Reentrant extends TinyContext {
      override getProperty(): Answer<string> {
        vm.invoke("proxy_on_log", vm.callback("proxy_on_log")!, this, 77);
        return Status.NotFound;
      }
    }
    const vm: Vm = Vm.start(module, OPTIONS, new TinyContext(0));
    const context = new Reentrant(1);
    vm.invoke("proxy_on_tick", vm.callback("proxy_on_tick")!, context, 1);
    expect(context.lines).toEqual(["77", "01"]);
    expect(vm.busy).toBe(false);
  });

  it("does not call a guest function that is not there", async () => {
    const vm = Vm.start(await compileModule(guest(() => "")), OPTIONS, new TinyContext(0));
    expect([vm.callback("proxy_on_log"), vm.has("proxy_on_log")]).toEqual([undefined, false]);
  });
});

describe("serialized pairs", () => {
  const pairs: Pair[] = [
    ["a", "b"],
    ["", ""],
    ["name", "\xff\0\x80"],
  ];

  it("come back as they were, and none are no bytes", () => {
    expect(decodePairs(encodePairs(pairs))).toEqual(pairs);
    expect(encodePairs([])).toHaveLength(0);
    expect(decodePairs(Buffer.alloc(0))).toEqual([]);
    expect(decodePairs(Buffer.alloc(4))).toEqual([]);
  });

  it("are refused when any byte is missing or too many", () => {
    const bytes = encodePairs(pairs);
    for (let length = 1; length < bytes.length; length++)
      expect(decodePairs(bytes.subarray(0, length))).toBeNull();
    expect(decodePairs(Buffer.concat([bytes, Buffer.alloc(1)]))).toBeNull();
    const lying = Buffer.from(bytes);
    lying.writeUInt32LE(0xffff_ffff, 4);
    expect(decodePairs(lying)).toBeNull();
    expect(decodePairs(Buffer.alloc(1024 * 1024 + 1))).toBeNull();
  });
});

describe("small parts", () => {
  it("a clock runs what is due in order, also what comes up meanwhile, and lets it be cancelled", () => {
    const clock = new Clock(0);
    const seen: string[] = [];
    clock.schedule(20, () => seen.push(`c${clock.now}`));
    clock.schedule(10, () => {
      seen.push(`a${clock.now}`);
      clock.schedule(5, () => seen.push(`b${clock.now}`));
    });
    clock.cancel(clock.schedule(1, () => seen.push("never")));
    while (clock.step(30));
    expect(seen).toEqual(["a10", "b15", "c20"]);
    expect([clock.now, clock.monotonicNanoseconds, clock.pending]).toEqual([30, 30_000_000n, 0]);
  });

  it("a byte buffer joins pieces and hands them on", () => {
    const buffer = new ByteBuffer(Buffer.from("ab"));
    const other = new ByteBuffer(Buffer.from("cd"));
    buffer.take(other);
    expect([String(buffer.bytes), buffer.length, other.length, String(buffer.slice(1, 2))]).toEqual([
      "abcd",
      4,
      0,
      "bc",
    ]);
  });

  it("lower-cases ASCII alone", () => {
    const map = new HeaderMap("response-headers", [["X-\xc0B", "v"]]);
    expect(map.entries).toEqual([["x-\xc0b", "v"]]);
  });
});
