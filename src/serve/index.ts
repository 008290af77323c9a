// The dev server of `proxy-wasm-as serve`.
export { startServer, type DevServer } from "./server.ts";
export type { AccessEntry, Paint } from "./report.ts";
export type { Echo } from "./echo-upstream.ts";
export type { ServeOptions } from "./options.ts";
export { startHttpEcho, startTcpEcho, type EchoServer } from "./echo-server.ts";
export { watchFiles, type Watch } from "./watch.ts";
