// The low level of the host, for those who bring a walk of their own: a conformance runner, a fuzzer, a server.
export { BaseContext } from "./base-context.ts";
export { ByteBuffer } from "./byte-buffer.ts";
export { Clock } from "./clock.ts";
export {
  abiVersionOf,
  describeSignature,
  MAX_MEMORY_PAGES,
  moduleProblems,
  offeredType,
} from "./module-checks.ts";
export { ABI_VERSIONS, exportsOf, GUEST_EXPORTS } from "./export-table.ts";
export { BinaryReader } from "./binary-reader.ts";
export { compileModule } from "./guest-module.ts";
export { GuestMemory } from "./guest-memory.ts";
export { ENV_IMPORTS, WASI_IMPORTS, WASI_MODULES } from "./import-table.ts";
export { HeaderMap } from "./header-map.ts";
export { MAX_CALLOUT_BODY_BYTES } from "./http-callout.ts";
export { HostError } from "./errors.ts";
export { LogBook, LOG_LEVELS } from "./log-book.ts";
export { NOT_EMULATED } from "./not-emulated.ts";
export { readWasm } from "./wasm-reader.ts";
export { Services } from "./services.ts";
export { Vm } from "./vm.ts";
export { Worker } from "./worker.ts";
export { decodePairs, encodePairs, MAX_PAIRS, MAX_PAIRS_BYTES } from "./pairs.ts";
export { toByteString, toBytes, toLowerCase, toText } from "./byte-string.ts";
export * from "./statuses.ts";
export type { ByteString } from "./byte-string.ts";
export type { GuestFunction } from "./webassembly.ts";
export type { GuestModule } from "./guest-module.ts";
export type * from "./errors.ts";
export type * from "./hostcalls.ts";
export type { HostFunction, VmOptions } from "./vm-options.ts";
export type { GrpcCallout } from "./grpc-callout.ts";
export type { HttpCallout } from "./http-callout.ts";
export type { HttpStream } from "./http-stream.ts";
export type { Interceptor } from "./envoy-vm.ts";
export type { LogEntry, LogLevelName } from "./log-book.ts";
export type { Pair } from "./pairs.ts";
export type { FailurePolicy, PluginConfig } from "./plugin.ts";
export type { ServicesOptions } from "./services.ts";
export type { PropertyValue } from "./property-values.ts";
export type { StreamEnds, StreamOptions } from "./stream-ends.ts";
export type { Timer } from "./clock.ts";
export type { Trap } from "./trap.ts";
export type { AbiVersion } from "./export-table.ts";
export type { ModuleProblem } from "./module-checks.ts";
export type { Signature, WasmSummary } from "./wasm-reader.ts";
export { webAssembly } from "./webassembly.ts";
