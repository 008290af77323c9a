// The public names of what only Envoy has, imported as "proxy-wasm-as/envoy".
export { StatsUpdate } from "./stats-sink";
