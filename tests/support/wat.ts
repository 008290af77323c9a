// Hand-written modules for tests: WebAssembly text to bytes.
import wabt from "wabt";

/** Bytes of a module in WebAssembly text format, function names included. Rejects with wabt's message on bad text. */
export async function wat(text: string): Promise<Uint8Array> {
  const { parseWat } = await wabt();
  const module = parseWat("test.wat", text, {
    bulk_memory: true,
    mutable_globals: true,
    sign_extension: true,
  });
  try {
    return module.toBinary({ write_debug_names: true }).buffer;
  } finally {
    module.destroy();
  }
}
