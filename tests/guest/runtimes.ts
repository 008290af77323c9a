// The memory managers a filter can be built with, as the options of its asconfig.json.

export const RUNTIMES: Readonly<Record<string, Record<string, unknown>>> = {
  own: {},
  minimal: { use: ["PROXY_WASM_AS_MINIMAL_RUNTIME=1"] },
  incremental: { runtime: "incremental" },
};
