// What only Envoy has: `import { compress } from "proxy-wasm-as/envoy";`
export * from "./assembly/envoy/index";
