// The modules that are compared: the four filters, written with each SDK.

export const FILTERS = ["f1", "f2", "f3", "f4"] as const;
export type FilterName = (typeof FILTERS)[number];

/** What each filter does, for the headings of tables. */
export const FILTER_TITLES: Readonly<Record<FilterName, string>> = {
  f1: "F1, add a header",
  f2: "F2, authorization",
  f3: "F3, all headers",
  f4: "F4, body",
};

/** Who wrote the module; `eager` is this library, with every header read as a string. */
export type SdkId = "ours" | "eager" | "wat" | "rust" | "gcore" | "go";

export const SDK_TITLES: Readonly<Record<SdkId, string>> = {
  ours: "proxy-wasm-as",
  eager: "proxy-wasm-as, eager",
  wat: "hand-written WAT",
  rust: "Rust SDK",
  gcore: "G-Core AS SDK",
  go: "Go SDK",
};

/** A filter that has been built. */
export interface Module {
  readonly sdk: SdkId;
  readonly filter: FilterName;
  /** Path of the module. */
  readonly wasm: string;
}

/** `proxy-wasm-as F3`, for messages. */
export function titleOf(module: Pick<Module, "sdk" | "filter">): string {
  return `${SDK_TITLES[module.sdk]} ${module.filter.toUpperCase()}`;
}
