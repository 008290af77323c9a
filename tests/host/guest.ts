// Builds small guests in WebAssembly text for the tests of the host.
import wabt from "wabt";
import { ENV_IMPORTS, WASI_IMPORTS } from "../../src/host/import-table.ts";
import { GUEST_EXPORTS } from "../../src/host/export-table.ts";

const toolkit = await wabt();

/** Compiles WebAssembly text. */
export function compileWat(wat: string, features: Record<string, boolean> = {}): Uint8Array {
  const module = toolkit.parseWat("guest.wat", wat, {
    simd: true,
    multi_value: true,
    bulk_memory: true,
    reference_types: true,
    ...features,
  });
  try {
    return module.toBinary({ write_debug_names: true }).buffer;
  } finally {
    module.destroy();
  }
}

/** Strings of a guest in its data section: `text("a")` is the pair of pointer and length to write into a call. */
export class Strings {
  #next = 1024;
  #segments = "";

  text(value: string | Uint8Array): string {
    const bytes = Buffer.from(value as string);
    const pointer = this.#next;
    this.#next += bytes.length;
    this.#segments += `(data (i32.const ${pointer}) "${[...bytes].map((byte) => `\\${byte.toString(16).padStart(2, "0")}`).join("")}")\n`;
    return `(i32.const ${pointer}) (i32.const ${bytes.length})`;
  }

  get segments(): string {
    return this.#segments;
  }
}

/** Address range for results: `$out` is where the tests keep out-parameters. */
export const OUT = 512;

/**
 * A guest with the ABI marker, one page of exported memory and a bump allocator. `body` gets the text helper and writes
 * functions; the functions it calls are imported because they occur in it as `$proxy_...`.
 */
export function guest(
  body: (text: (value: string | Uint8Array) => string) => string,
  options: { allocator?: string; marker?: string } = {},
): Uint8Array {
  const strings = new Strings();
  const code = body((value) => strings.text(value));
  const imports: string[] = [];
  for (const [module, table] of [
    ["env", ENV_IMPORTS],
    ["wasi_snapshot_preview1", WASI_IMPORTS],
  ] as const) {
    for (const [name, signature] of Object.entries(table)) {
      if (!new RegExp(`\\$${name}\\b`).test(code + (options.allocator ?? ""))) continue;
      imports.push(`(import "${module}" "${name}" (func $${name} ${typeOf(signature)}))`);
    }
  }
  const allocator =
    options.allocator ??
    `(func (export "malloc") (param i32) (result i32)
       (global.get $heap) (global.set $heap (i32.add (global.get $heap) (local.get 0))))`;
  return compileWat(`(module
    ${imports.join("\n")}
    (memory (export "memory") 2)
    (global $heap (mut i32) (i32.const 65536))
    (func (export "${options.marker ?? "proxy_abi_version_0_2_1"}"))
    ${allocator}
    ;; Logs a status or any small number as two digits.
    ${code.includes("$digits") ? DIGITS : ""}
    (global $status (mut i32) (i32.const 0))
    (func $remember (param i32) (result i32) (global.set $status (local.get 0)) (local.get 0))
    ${code}
    ${strings.segments})`);
}

/** `$digits` writes its argument as two decimal digits at 256; log them with `(i32.const 256) (i32.const 2)`. */
const DIGITS = `(func $digits (param i32)
  (i32.store8 (i32.const 256) (i32.add (i32.const 48) (i32.div_u (local.get 0) (i32.const 10))))
  (i32.store8 (i32.const 257) (i32.add (i32.const 48) (i32.rem_u (local.get 0) (i32.const 10)))))`;

function typeOf(signature: string): string {
  const names: Record<string, string> = { i: "i32", I: "i64" };
  const [params = "", results = ""] = signature.split(">");
  const list = (letters: string) => [...letters].map((letter) => names[letter]).join(" ");
  return `${params ? `(param ${list(params)})` : ""} ${results ? `(result ${list(results)})` : ""}`;
}

/** Logs the status that the expression leaves, as two digits, at info level. */
export function logStatus(expression: string): string {
  return `(call $digits ${expression}) (drop (call $proxy_log (i32.const 2) (i32.const 256) (i32.const 2)))`;
}

/** Logs bytes whose pointer and length were stored at {@link OUT} and {@link OUT} + 4. */
export const logOut = `(drop (call $proxy_log (i32.const 2) (i32.load (i32.const ${OUT})) (i32.load (i32.const ${OUT + 4}))))`;

/** Logs a text at info level. */
export function logText(pair: string): string {
  return `(drop (call $proxy_log (i32.const 2) ${pair}))`;
}

/** A callback of the guest with the type the ABI gives it: locals 0, 1, ... are its parameters, `answer` is what it returns. */
export function callback(
  name: string,
  body: string,
  answer = name === "proxy_on_vm_start" || name === "proxy_on_configure" ? 1 : 0,
): string {
  const signature = GUEST_EXPORTS[name];
  if (signature === undefined) throw new Error(`${name} is no callback`);
  const result = signature.endsWith("i") ? `(i32.const ${answer})` : "";
  return `(func (export "${name}") ${typeOf(signature)} ${body} ${result})`;
}

/** Logs what a call with two out-parameters answers: its bytes if Ok, else its status as two digits. `call` lacks the closing parenthesis. */
export function logAnswer(call: string): string {
  return `(if (call $remember ${call} (i32.const ${OUT}) (i32.const ${OUT + 4}))) (then ${logStatus("(global.get $status)")}) (else ${logOut}))`;
}
