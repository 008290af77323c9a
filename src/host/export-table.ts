// Which exports the host looks up, and the types they must have.
import type { Signature } from "./wasm-reader.ts";

/** Exports that Envoy looks up under ABI 0.2.x; every other export is ignored. */
export const GUEST_EXPORTS: Readonly<Record<string, Signature>> = {
  malloc: "i>i",
  proxy_on_memory_allocate: "i>i",
  _initialize: ">",
  _start: ">",
  main: "ii>i",
  __main_void: ">i",
  proxy_on_context_create: "ii>",
  proxy_on_vm_start: "ii>i",
  proxy_validate_configuration: "ii>i",
  proxy_on_configure: "ii>i",
  proxy_on_tick: "i>",
  proxy_on_log: "i>",
  proxy_on_done: "i>i",
  proxy_on_delete: "i>",
  proxy_on_request_headers: "iii>i",
  proxy_on_request_body: "iii>i",
  proxy_on_request_trailers: "ii>i",
  proxy_on_request_metadata: "ii>i",
  proxy_on_response_headers: "iii>i",
  proxy_on_response_body: "iii>i",
  proxy_on_response_trailers: "ii>i",
  proxy_on_response_metadata: "ii>i",
  proxy_on_new_connection: "i>i",
  proxy_on_downstream_data: "iii>i",
  proxy_on_upstream_data: "iii>i",
  proxy_on_downstream_connection_close: "ii>",
  proxy_on_upstream_connection_close: "ii>",
  proxy_on_http_call_response: "iiiii>",
  proxy_on_grpc_receive_initial_metadata: "iii>",
  proxy_on_grpc_receive: "iii>",
  proxy_on_grpc_receive_trailing_metadata: "iii>",
  proxy_on_grpc_close: "iii>",
  proxy_on_queue_ready: "ii>",
  proxy_on_foreign_function: "iii>",
  envoy_on_resolve_dns: "iii>",
  envoy_on_stats_update: "ii>",
};

/** ABI versions that Envoy knows, in no order: the first of them in the module's export section wins. */
export const ABI_VERSIONS = {
  proxy_abi_version_0_1_0: "0.1.0",
  proxy_abi_version_0_2_0: "0.2.0",
  proxy_abi_version_0_2_1: "0.2.1",
} as const;
export type AbiVersion = (typeof ABI_VERSIONS)[keyof typeof ABI_VERSIONS];

/** The exports that Envoy looks up in modules of a version. */
export function exportsOf(version: AbiVersion): Readonly<Record<string, Signature>> {
  if (version !== "0.1.0") return GUEST_EXPORTS;
  return {
    // Not looked up under this version, so of any type.
    ...Object.fromEntries(
      Object.entries(GUEST_EXPORTS).filter(([name]) => name !== "proxy_on_foreign_function"),
    ),
    proxy_on_request_headers: "ii>i",
    proxy_on_response_headers: "ii>i",
  };
}
