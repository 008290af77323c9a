// The functions a host calls, in the order of the specification. The preset's entry file exports them all.
import "./abort";
import "./clock";
import "./console";
import "./process";
import "./random";
import "./runtime/index";
import * as dispatcher from "./dispatcher";
import * as http from "./http-dispatcher";
import * as tcp from "./tcp-dispatcher";

/** Which version of the ABI this module speaks: hosts look for the name. */
export function proxy_abi_version_0_2_1(): void {}

export { proxy_on_memory_allocate } from "./memory";

// Context lifecycle

export function proxy_on_context_create(contextId: u32, parentContextId: u32): void {
  dispatcher.onContextCreate(contextId, parentContextId);
}
export function proxy_on_done(contextId: u32): i32 {
  return <i32>dispatcher.onDone(contextId);
}
export function proxy_on_log(contextId: u32): void {
  dispatcher.onLog(contextId);
}
export function proxy_on_delete(contextId: u32): void {
  dispatcher.onDelete(contextId);
}

// Configuration, timers, queues

export function proxy_on_vm_start(rootContextId: u32, vmConfigurationSize: u32): i32 {
  return <i32>dispatcher.onVmStart(rootContextId, vmConfigurationSize);
}
export function proxy_on_configure(rootContextId: u32, pluginConfigurationSize: u32): i32 {
  return <i32>dispatcher.onConfigure(rootContextId, pluginConfigurationSize);
}
export function proxy_on_tick(rootContextId: u32): void {
  dispatcher.onTick(rootContextId);
}
export function proxy_on_queue_ready(rootContextId: u32, queueId: u32): void {
  dispatcher.onQueueReady(rootContextId, queueId);
}

// TCP streams

export function proxy_on_new_connection(contextId: u32): i32 {
  return tcp.onNewConnection(contextId);
}
export function proxy_on_downstream_data(contextId: u32, dataSize: u32, endOfStream: i32): i32 {
  return tcp.onDownstreamData(contextId, dataSize, endOfStream != 0);
}
export function proxy_on_downstream_connection_close(contextId: u32, peer: i32): void {
  tcp.onDownstreamConnectionClose(contextId, peer);
}
export function proxy_on_upstream_data(contextId: u32, dataSize: u32, endOfStream: i32): i32 {
  return tcp.onUpstreamData(contextId, dataSize, endOfStream != 0);
}
export function proxy_on_upstream_connection_close(contextId: u32, peer: i32): void {
  tcp.onUpstreamConnectionClose(contextId, peer);
}

// HTTP streams

export function proxy_on_request_headers(contextId: u32, numHeaders: u32, endOfStream: i32): i32 {
  return http.onRequestHeaders(contextId, numHeaders, endOfStream != 0);
}
export function proxy_on_request_body(contextId: u32, bodySize: u32, endOfStream: i32): i32 {
  return http.onRequestBody(contextId, bodySize, endOfStream != 0);
}
export function proxy_on_request_trailers(contextId: u32, numTrailers: u32): i32 {
  return http.onRequestTrailers(contextId, numTrailers);
}
export function proxy_on_response_headers(contextId: u32, numHeaders: u32, endOfStream: i32): i32 {
  return http.onResponseHeaders(contextId, numHeaders, endOfStream != 0);
}
export function proxy_on_response_body(contextId: u32, bodySize: u32, endOfStream: i32): i32 {
  return http.onResponseBody(contextId, bodySize, endOfStream != 0);
}
export function proxy_on_response_trailers(contextId: u32, numTrailers: u32): i32 {
  return http.onResponseTrailers(contextId, numTrailers);
}

// Envoy's own

export function envoy_on_stats_update(rootContextId: u32, announcedSize: u32): void {
  dispatcher.onStatsUpdate(rootContextId);
}
