// Every host function that the probe calls, as Envoy offers it: nothing between the script and the ABI.
// @ts-ignore
@external("env", "proxy_log")
export declare function log(level: u32, text: usize, size: usize): u32;
// @ts-ignore
@external("env", "proxy_get_log_level")
export declare function getLogLevel(out: usize): u32;
// @ts-ignore
@external("env", "proxy_get_current_time_nanoseconds")
export declare function getTime(out: usize): u32;
// @ts-ignore
@external("env", "proxy_set_tick_period_milliseconds")
export declare function setTickPeriod(milliseconds: u32): u32;
// @ts-ignore
@external("env", "proxy_set_effective_context")
export declare function setEffectiveContext(id: u32): u32;
// @ts-ignore
@external("env", "proxy_done")
export declare function done(): u32;
// @ts-ignore
@external("env", "proxy_get_status")
export declare function getStatus(code: usize, data: usize, size: usize): u32;
// @ts-ignore
@external("env", "proxy_get_property")
export declare function getProperty(path: usize, pathSize: usize, data: usize, size: usize): u32;
// @ts-ignore
@external("env", "proxy_set_property")
export declare function setProperty(path: usize, pathSize: usize, value: usize, valueSize: usize): u32;
// @ts-ignore
@external("env", "proxy_get_buffer_bytes")
export declare function getBuffer(type: u32, start: u32, length: u32, data: usize, size: usize): u32;
// @ts-ignore
@external("env", "proxy_get_buffer_status")
export declare function getBufferStatus(type: u32, length: usize, flags: usize): u32;
// @ts-ignore
@external("env", "proxy_set_buffer_bytes")
export declare function setBuffer(type: u32, start: u32, length: u32, data: usize, size: usize): u32;
// @ts-ignore
@external("env", "proxy_get_header_map_value")
export declare function getHeader(type: u32, name: usize, nameSize: usize, data: usize, size: usize): u32;
// @ts-ignore
@external("env", "proxy_add_header_map_value")
export declare function addHeader(type: u32, name: usize, nameSize: usize, value: usize, size: usize): u32;
// @ts-ignore
@external("env", "proxy_replace_header_map_value")
export declare function setHeader(type: u32, name: usize, nameSize: usize, value: usize, size: usize): u32;
// @ts-ignore
@external("env", "proxy_remove_header_map_value")
export declare function removeHeader(type: u32, name: usize, nameSize: usize): u32;
// @ts-ignore
@external("env", "proxy_get_header_map_pairs")
export declare function getPairs(type: u32, data: usize, size: usize): u32;
// @ts-ignore
@external("env", "proxy_set_header_map_pairs")
export declare function setPairs(type: u32, data: usize, size: usize): u32;
// @ts-ignore
@external("env", "proxy_get_header_map_size")
export declare function getHeaderSize(type: u32, out: usize): u32;
// @ts-ignore
@external("env", "proxy_continue_stream")
export declare function continueStream(type: u32): u32;
// @ts-ignore
@external("env", "proxy_close_stream")
export declare function closeStream(type: u32): u32;
// @ts-ignore
@external("env", "proxy_send_local_response")
export declare function sendLocalResponse(
  code: u32,
  details: usize,
  detailsSize: usize,
  body: usize,
  bodySize: usize,
  headers: usize,
  headersSize: usize,
  grpcStatus: i32,
): u32;
// @ts-ignore
@external("env", "proxy_http_call")
export declare function httpCall(
  cluster: usize,
  clusterSize: usize,
  headers: usize,
  headersSize: usize,
  body: usize,
  bodySize: usize,
  trailers: usize,
  trailersSize: usize,
  timeout: u32,
  token: usize,
): u32;
// @ts-ignore
@external("env", "proxy_grpc_call")
export declare function grpcCall(
  target: usize,
  targetSize: usize,
  service: usize,
  serviceSize: usize,
  method: usize,
  methodSize: usize,
  metadata: usize,
  metadataSize: usize,
  message: usize,
  messageSize: usize,
  timeout: u32,
  token: usize,
): u32;
// @ts-ignore
@external("env", "proxy_grpc_stream")
export declare function grpcStream(
  target: usize,
  targetSize: usize,
  service: usize,
  serviceSize: usize,
  method: usize,
  methodSize: usize,
  metadata: usize,
  metadataSize: usize,
  token: usize,
): u32;
// @ts-ignore
@external("env", "proxy_get_shared_data")
export declare function getSharedData(key: usize, keySize: usize, data: usize, size: usize, cas: usize): u32;
// @ts-ignore
@external("env", "proxy_set_shared_data")
export declare function setSharedData(key: usize, keySize: usize, value: usize, size: usize, cas: u32): u32;
// @ts-ignore
@external("env", "proxy_register_shared_queue")
export declare function registerQueue(name: usize, size: usize, token: usize): u32;
// @ts-ignore
@external("env", "proxy_resolve_shared_queue")
export declare function resolveQueue(vm: usize, vmSize: usize, name: usize, size: usize, token: usize): u32;
// @ts-ignore
@external("env", "proxy_enqueue_shared_queue")
export declare function enqueue(token: u32, value: usize, size: usize): u32;
// @ts-ignore
@external("env", "proxy_dequeue_shared_queue")
export declare function dequeue(token: u32, data: usize, size: usize): u32;
// @ts-ignore
@external("env", "proxy_define_metric")
export declare function defineMetric(type: u32, name: usize, size: usize, id: usize): u32;
// @ts-ignore
@external("env", "proxy_increment_metric")
export declare function incrementMetric(id: u32, offset: i64): u32;
// @ts-ignore
@external("env", "proxy_record_metric")
export declare function recordMetric(id: u32, value: u64): u32;
// @ts-ignore
@external("env", "proxy_get_metric")
export declare function getMetric(id: u32, out: usize): u32;
// @ts-ignore
@external("env", "proxy_call_foreign_function")
export declare function callForeignFunction(
  name: usize,
  nameSize: usize,
  argument: usize,
  argumentSize: usize,
  data: usize,
  size: usize,
): u32;
// @ts-ignore
@external("wasi_snapshot_preview1", "fd_write")
export declare function fdWrite(fd: u32, vectors: usize, count: usize, written: usize): u32;
// @ts-ignore
@external("wasi_snapshot_preview1", "proc_exit")
export declare function procExit(code: u32): void;
