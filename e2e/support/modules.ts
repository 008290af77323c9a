// Hand-written modules for tests of Envoy itself and of the harness around it.
import { wat } from "../../tests/support/wat.ts";

const IMPORTS = `
  (import "env" "proxy_log" (func $log (param i32 i32 i32) (result i32)))
  (import "env" "proxy_get_buffer_bytes" (func $get_buffer (param i32 i32 i32 i32 i32) (result i32)))
  (import "env" "proxy_add_header_map_value" (func $add_header (param i32 i32 i32 i32 i32) (result i32)))
  (import "env" "proxy_send_local_response"
    (func $respond (param i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))`;

// The allocator gives out memory from page 1 on and never takes it back: good for a few calls.
const BASE = `
  (memory (export "memory") 2)
  (global $next (mut i32) (i32.const 65536))
  (func (export "proxy_abi_version_0_2_1"))
  (func (export "malloc") (param $size i32) (result i32)
    (global.get $next)
    (global.set $next (i32.add (global.get $next) (local.get $size))))`;

/**
 * A module with the usual imports, two pages of memory and an allocator; the rest is up to the caller. Names to call:
 * $log, $get_buffer, $add_header, $respond. Strings are best placed below address 65536 with (data ...).
 */
export function guest(body: string): Promise<Uint8Array> {
  return wat(`(module ${IMPORTS} ${BASE} ${body})`);
}

/** A module with only what the caller says and what Envoy insists on. */
export function bareGuest(imports: string, body = ""): Promise<Uint8Array> {
  return wat(`(module ${imports} ${BASE} ${body})`);
}

/** The text of a data segment and a call that logs it at a level. */
export function logCall(level: number, address: number, length: number): string {
  return `(drop (call $log (i32.const ${level}) (i32.const ${address}) (i32.const ${length})))`;
}
