// What the fuzzer must know about a host function: which arguments are areas to read, and what it answers.

/** What a host function writes for the guest. */
export type Output =
  /** Nothing but its status. */
  | "none"
  /** A block of the guest's, its pointer and its length; and perhaps a number that goes with it. */
  | "bytes"
  /** The same, holding header pairs. */
  | "pairs"
  /** A 32-bit number, or two. */
  | "word"
  | "words"
  /** A 64-bit number. */
  | "long"
  /** Random bytes into an area that the guest names. */
  | "random"
  /** Environment variables into two areas that the guest names. */
  | "environment";

export interface HostFunctionShape {
  /** Positions of the pointers of areas that the host reads; the length follows each. */
  readonly areas: readonly number[];
  readonly output: Output;
  /** Positions of the pointers that the host writes to. */
  readonly outs: readonly number[];
}

function shape(areas: number[], output: Output = "none", outs: number[] = []): HostFunctionShape {
  return { areas, output, outs };
}

/** Every host function that the fuzzer can lie about. A guest that imports another one is refused. */
export const HOST_FUNCTIONS: Readonly<Record<string, HostFunctionShape>> = {
  proxy_log: shape([1]),
  proxy_get_log_level: shape([], "word", [0]),
  proxy_get_current_time_nanoseconds: shape([], "long", [0]),
  proxy_set_tick_period_milliseconds: shape([]),
  proxy_set_effective_context: shape([]),
  proxy_done: shape([]),
  proxy_set_buffer_bytes: shape([3]),
  proxy_get_buffer_bytes: shape([], "bytes", [3, 4]),
  proxy_get_buffer_status: shape([], "words", [1, 2]),
  proxy_get_header_map_size: shape([], "word", [1]),
  proxy_get_header_map_pairs: shape([], "pairs", [1, 2]),
  proxy_set_header_map_pairs: shape([1]),
  proxy_get_header_map_value: shape([1], "bytes", [3, 4]),
  proxy_add_header_map_value: shape([1, 3]),
  proxy_replace_header_map_value: shape([1, 3]),
  proxy_remove_header_map_value: shape([1]),
  proxy_continue_stream: shape([]),
  proxy_close_stream: shape([]),
  proxy_send_local_response: shape([1, 3, 5]),
  proxy_get_property: shape([0], "bytes", [2, 3]),
  proxy_set_property: shape([0, 2]),
  proxy_define_metric: shape([1], "word", [3]),
  proxy_get_metric: shape([], "long", [1]),
  proxy_record_metric: shape([]),
  proxy_increment_metric: shape([]),
  proxy_get_shared_data: shape([0], "bytes", [2, 3, 4]),
  proxy_set_shared_data: shape([0, 2]),
  proxy_register_shared_queue: shape([0], "word", [2]),
  proxy_resolve_shared_queue: shape([0, 2], "word", [4]),
  proxy_enqueue_shared_queue: shape([1]),
  proxy_dequeue_shared_queue: shape([], "bytes", [1, 2]),
  proxy_call_foreign_function: shape([0, 2], "bytes", [4, 5]),
  clock_time_get: shape([], "long", [2]),
  random_get: shape([], "random", []),
  environ_sizes_get: shape([], "words", [0, 1]),
  environ_get: shape([], "environment", []),
};
