// Which modules the host accepts, and how it refuses the others (envoy-facts 1.1 to 1.3 and 14).
import { describe, expect, it } from "vitest";
import { compileModule, createHost, HostError } from "../../src/testing/index.ts";
import { ENV_IMPORTS, WASI_IMPORTS } from "../../src/host/import-table.ts";
import { callback, compileWat, guest, logText } from "./guest.ts";

const MARKER = `(func (export "proxy_abi_version_0_2_1"))`;
const MALLOC = `(func (export "malloc") (param i32) (result i32) (i32.const 0))`;

async function refusal(wasm: Uint8Array | string): Promise<HostError> {
  const bytes = typeof wasm === "string" ? compileWat(wasm) : wasm;
  const error = await createHost({ wasm: bytes }).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(HostError);
  return error as HostError;
}

describe("module validation", () => {
  it("accepts a module that does nothing and has no memory (1.3)", async () => {
    const host = await createHost({ wasm: compileWat(`(module ${MARKER} ${MALLOC})`) });
    const { response } = await host.request();
    expect(response.status).toBe(200);
    expect(host.memory.pages).toBe(0);
  });

  it("knows the 132 imports of Envoy 1.40 (1.2)", () => {
    expect(Object.keys(ENV_IMPORTS).length + 2 * Object.keys(WASI_IMPORTS).length).toBe(132);
  });

  it("links every import with its exact type (1.2)", async () => {
    const word: Record<string, string> = { i: "i32", I: "i64" };
    const type = (signature: string) => {
      const [params = "", results = ""] = signature.split(">");
      const list = (letters: string) => [...letters].map((letter) => word[letter]).join(" ");
      return `(param ${list(params)}) (result ${list(results)})`.replace("(result )", "");
    };
    const all = [
      ...Object.entries(ENV_IMPORTS).map(([name, signature]) => ["env", name, signature]),
      ...["wasi_snapshot_preview1", "wasi_unstable"].flatMap((module) =>
        Object.entries(WASI_IMPORTS).map(([name, signature]) => [module, name, signature]),
      ),
    ];
    const imports = all.map(
      ([module, name, signature]) => `(import "${module}" "${name}" (func ${type(signature!)}))`,
    );
    const module = await compileModule(compileWat(`(module ${imports.join("\n")} ${MARKER} ${MALLOC})`));
    expect(module.imports).toHaveLength(132);
    await createHost({ wasm: module });
  });

  it("refuses bytes that are no module", async () => {
    expect((await refusal(Buffer.from("not wasm"))).code).toBe("invalid-module");
    expect((await refusal(new Uint8Array(0))).code).toBe("invalid-module");
  });

  it("says that a path cannot be read", async () => {
    await expect(createHost({ wasm: "/nowhere/filter.wasm" })).rejects.toMatchObject({
      code: "bad-option",
      message: /filter\.wasm/,
    });
  });

  it("refuses a module without an ABI version, or with one that Envoy does not know (1.1)", async () => {
    expect(await refusal(`(module ${MALLOC})`)).toMatchObject({
      code: "abi-version",
      message: /Missing or unknown Proxy-Wasm ABI version/,
    });
    expect((await refusal(`(module (func (export "proxy_abi_version_0_3_0")) ${MALLOC})`)).code).toBe(
      "abi-version",
    );
    expect(
      (await refusal(`(module (global (export "proxy_abi_version_0_2_1") i32 (i32.const 0)) ${MALLOC})`))
        .code,
    ).toBe("abi-version");
  });

  it("lets the first ABI version in the export section win (1.1)", async () => {
    const both = (first: string, second: string) =>
      compileWat(`(module (import "env" "proxy_get_log_level" (func (param i32) (result i32)))
        (func (export "proxy_abi_version_${first}")) (func (export "proxy_abi_version_${second}")) ${MALLOC})`);
    expect((await compileModule(both("0_2_1", "0_2_0"))).abiVersion).toBe("0.2.1");
    expect(await refusal(both("0_2_0", "0_2_1"))).toMatchObject({
      code: "missing-import",
      message: /proxy_get_log_level/,
    });
  });

  it("says that it does not run ABI 0.1.0", async () => {
    expect(await refusal(`(module (func (export "proxy_abi_version_0_1_0")) ${MALLOC})`)).toMatchObject({
      code: "abi-version",
      message: /0\.1\.0/,
    });
  });

  it("refuses an unknown import and names it (1.2)", async () => {
    expect(
      await refusal(`(module (import "env" "abort" (func (param i32 i32 i32 i32))) ${MARKER} ${MALLOC})`),
    ).toMatchObject({
      code: "missing-import",
      message: /missing import: env\.abort/,
    });
    expect((await refusal(`(module (import "env" "toString" (func)) ${MARKER} ${MALLOC})`)).code).toBe(
      "missing-import",
    );
    expect((await refusal(`(module (import "env" "g" (global i32)) ${MARKER} ${MALLOC})`)).code).toBe(
      "missing-import",
    );
  });

  it("refuses an import with another type and shows both (1.2)", async () => {
    expect(
      await refusal(
        `(module (import "env" "proxy_log" (func (param i32) (result i32))) ${MARKER} ${MALLOC})`,
      ),
    ).toMatchObject({
      code: "import-type",
      message: /proxy_log as i32 -> i32, but Envoy offers i32, i32, i32 -> i32/,
    });
  });

  it("refuses an export with another type (1.3)", async () => {
    expect(
      await refusal(
        `(module ${MARKER} ${MALLOC} (func (export "proxy_on_log") (param i32) (result i32) (i32.const 0)))`,
      ),
    ).toMatchObject({
      code: "export-type",
      message: /Bad function signature for: proxy_on_log/,
    });
  });

  it("ignores exports that the ABI does not know (1.3)", async () => {
    await createHost({
      wasm: compileWat(`(module ${MARKER} ${MALLOC} (func (export "proxy_on_tea") (param f64)))`),
    });
  });

  it("needs one allocator, and either name will do (1.3)", async () => {
    expect(await refusal(`(module ${MARKER})`)).toMatchObject({
      code: "missing-allocator",
      message: /missing malloc function/,
    });
    await createHost({ wasm: compileWat(`(module ${MARKER} ${MALLOC})`) });
    await createHost({
      wasm: compileWat(`(module ${MARKER} ${MALLOC.replace("malloc", "proxy_on_memory_allocate")})`),
    });
  });

  it("refuses v128 in the type of an exported function or global (C7)", async () => {
    expect((await refusal(`(module ${MARKER} ${MALLOC} (func (export "f") (param v128)))`)).code).toBe(
      "vector-export",
    );
    expect(
      (await refusal(`(module ${MARKER} ${MALLOC} (global (export "g") v128 (v128.const i64x2 0 0)))`)).code,
    ).toBe("vector-export");
    await createHost({ wasm: compileWat(`(module ${MARKER} ${MALLOC} (func (param v128)))`) });
  });

  it("refuses more than 1 GiB of memory, and memory.grow ends there (14)", async () => {
    expect((await refusal(`(module ${MARKER} ${MALLOC} (memory 16385))`)).code).toBe("memory-limit");
    const wasm = guest(
      (text) =>
        `${callback(
          "proxy_on_vm_start",
          `(if (i32.eq (memory.grow (i32.const 16383)) (i32.const -1)) (then ${logText(text("no more"))}))
           (if (i32.eq (memory.grow (i32.const 1)) (i32.const 2)) (then ${logText(text("one more"))}))`,
        )}`,
    );
    const host = await createHost({ wasm });
    expect(host.logs.map((entry) => entry.text)).toEqual(["no more", "one more"]);
    expect(host.memory.pages).toBe(3);
  });

  it("gives a module that imports its memory one (1.2)", async () => {
    const wasm =
      compileWat(`(module (import "env" "memory" (memory 2 4)) (import "env" "proxy_log" (func $log (param i32 i32 i32) (result i32)))
      ${MARKER} ${MALLOC} (data (i32.const 16) "hi")
      (func (export "proxy_on_vm_start") (param i32 i32) (result i32) (call $log (i32.const 2) (i32.const 16) (i32.const 2)) drop (i32.const 1)))`);
    const host = await createHost({ wasm });
    expect(host.logs[0]?.text).toBe("hi");
    expect(host.memory.pages).toBe(2);
  });
});
