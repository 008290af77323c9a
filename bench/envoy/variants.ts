// What stands in a proxy: nothing, a module, or a filter that Envoy has built in.
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { extension, type HttpFilterOptions } from "../../src/envoy/index.ts";
import { type FilterName, type Module, SDK_TITLES, type SdkId } from "../modules.ts";
import { repository } from "../places.ts";

export type VariantId = SdkId | "none" | "native" | "lua";

/** A filter chain that is compared with others. */
export interface Variant {
  readonly id: VariantId;
  readonly title: string;
  readonly filters: readonly HttpFilterOptions[];
}

/** All variants of a filter; the first has no filter at all. */
export function variantsOf(filter: FilterName, modules: readonly Module[]): Variant[] {
  return [
    { id: "none", title: "no filter", filters: [] },
    ...(filter === "f1" ? [headerMutation()] : []),
    lua(filter),
    ...modules
      .filter((module) => module.filter === filter)
      .map((module): Variant => {
        return { id: module.sdk, title: SDK_TITLES[module.sdk], filters: [{ wasm: module.wasm }] };
      }),
  ];
}

function headerMutation(): Variant {
  const raw = extension(
    "envoy.filters.http.header_mutation",
    "envoy.extensions.filters.http.header_mutation.v3.HeaderMutation",
    { mutations: { response_mutations: [{ append: { header: { key: "hello", value: "world" } } }] } },
  );
  return { id: "native", title: "native header_mutation", filters: [{ raw }] };
}

function lua(filter: FilterName): Variant {
  const source = readFileSync(join(repository, "bench/peers/lua", `${filter}.lua`), "utf8");
  const raw = extension("envoy.filters.http.lua", "envoy.extensions.filters.http.lua.v3.Lua", {
    default_source_code: { inline_string: source },
  });
  return { id: "lua", title: "Lua", filters: [{ raw }] };
}
