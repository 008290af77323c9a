// What Envoy 1.40 offers a module: 132 functions with their exact types.
import type { AbiVersion } from "./export-table.ts";
import type { Signature } from "./wasm-reader.ts";

/** Names of the `env` module and their types under ABI 0.2.1. */
export const ENV_IMPORTS: Readonly<Record<string, Signature>> = {
  proxy_log: "iii>i",
  proxy_get_log_level: "i>i",
  proxy_get_current_time_nanoseconds: "i>i",
  proxy_set_tick_period_milliseconds: "i>i",
  proxy_set_effective_context: "i>i",
  proxy_done: ">i",
  proxy_get_status: "iii>i",
  proxy_get_property: "iiii>i",
  proxy_set_property: "iiii>i",
  proxy_get_buffer_bytes: "iiiii>i",
  proxy_get_buffer_status: "iii>i",
  proxy_set_buffer_bytes: "iiiii>i",
  proxy_get_header_map_value: "iiiii>i",
  proxy_add_header_map_value: "iiiii>i",
  proxy_replace_header_map_value: "iiiii>i",
  proxy_remove_header_map_value: "iii>i",
  proxy_get_header_map_pairs: "iii>i",
  proxy_set_header_map_pairs: "iii>i",
  proxy_get_header_map_size: "ii>i",
  proxy_continue_stream: "i>i",
  proxy_close_stream: "i>i",
  proxy_send_local_response: "iiiiiiii>i",
  proxy_http_call: "iiiiiiiiii>i",
  proxy_grpc_call: "iiiiiiiiiiii>i",
  proxy_grpc_stream: "iiiiiiiii>i",
  proxy_grpc_send: "iiii>i",
  proxy_grpc_cancel: "i>i",
  proxy_grpc_close: "i>i",
  proxy_get_shared_data: "iiiii>i",
  proxy_set_shared_data: "iiiii>i",
  proxy_register_shared_queue: "iii>i",
  proxy_resolve_shared_queue: "iiiii>i",
  proxy_enqueue_shared_queue: "iii>i",
  proxy_dequeue_shared_queue: "iii>i",
  proxy_define_metric: "iiii>i",
  proxy_increment_metric: "iI>i",
  proxy_record_metric: "iI>i",
  proxy_get_metric: "ii>i",
  proxy_call_foreign_function: "iiiiii>i",
  pthread_equal: "ii>i",
  emscripten_notify_memory_growth: "i>",
  envoy_resolve_dns: "iii>i",
};

/** What ABI 0.1.0 has instead of the functions that came later. */
const FIRST_VERSION_IMPORTS: Readonly<Record<string, Signature>> = {
  proxy_get_configuration: "ii>i",
  proxy_continue_request: ">i",
  proxy_continue_response: ">i",
  proxy_clear_route_cache: ">i",
};

/** Functions that came with ABI 0.2.0, and with 0.2.1. */
const NEW_IN_SECOND_VERSION = ["proxy_continue_stream", "proxy_close_stream"];
const NEW_IN_THIRD_VERSION = ["proxy_get_log_level"];

/** The `env` module that Envoy offers to modules of a version. */
export function envImportsOf(version: AbiVersion): Readonly<Record<string, Signature>> {
  if (version === "0.2.1") return ENV_IMPORTS;
  const second = without(ENV_IMPORTS, NEW_IN_THIRD_VERSION);
  return version === "0.2.0"
    ? second
    : { ...without(second, NEW_IN_SECOND_VERSION), ...FIRST_VERSION_IMPORTS };
}

function without(
  table: Readonly<Record<string, Signature>>,
  names: readonly string[],
): Readonly<Record<string, Signature>> {
  return Object.fromEntries(Object.entries(table).filter(([name]) => !names.includes(name)));
}

/** Names that `wasi_snapshot_preview1` and `wasi_unstable` both offer, and their types. */
export const WASI_IMPORTS: Readonly<Record<string, Signature>> = {
  fd_write: "iiii>i",
  fd_read: "iiii>i",
  fd_seek: "iIii>i",
  fd_close: "i>i",
  fd_fdstat_get: "ii>i",
  fd_fdstat_set_flags: "ii>i",
  fd_fdstat_set_rights: "iII>i",
  environ_get: "ii>i",
  environ_sizes_get: "ii>i",
  args_get: "ii>i",
  args_sizes_get: "ii>i",
  clock_time_get: "iIi>i",
  clock_res_get: "ii>i",
  fd_advise: "iIIi>i",
  fd_allocate: "iII>i",
  fd_datasync: "i>i",
  fd_filestat_get: "ii>i",
  fd_filestat_set_size: "iI>i",
  fd_filestat_set_times: "iIIi>i",
  fd_pread: "iiiIi>i",
  fd_pwrite: "iiiIi>i",
  fd_readdir: "iiiIi>i",
  fd_renumber: "ii>i",
  fd_sync: "i>i",
  fd_tell: "ii>i",
  fd_prestat_get: "ii>i",
  fd_prestat_dir_name: "iii>i",
  path_open: "iiiiiIIii>i",
  path_create_directory: "iii>i",
  path_filestat_get: "iiiii>i",
  path_filestat_set_times: "iiiiIIi>i",
  path_link: "iiiiiii>i",
  path_readlink: "iiiiii>i",
  path_remove_directory: "iii>i",
  path_rename: "iiiiii>i",
  path_symlink: "iiiii>i",
  path_unlink_file: "iii>i",
  sock_accept: "iii>i",
  sock_recv: "iiiiii>i",
  sock_send: "iiiii>i",
  sock_shutdown: "ii>i",
  random_get: "ii>i",
  sched_yield: ">i",
  poll_oneoff: "iiii>i",
  proc_exit: "i>",
};

/** The WASI module names under which {@link WASI_IMPORTS} are offered. */
export const WASI_MODULES = ["wasi_snapshot_preview1", "wasi_unstable"] as const;
