// Paths and values of filter state.

/**
 * Filter state: what filters keep about a stream for later filters and access logs.
 * @module
 */
import { getProperty } from "../property";

/** A text that a filter has set, by its key; `setProperty("name", ...)` sets `wasm.name`. */
export function get(key: string): string | null {
  return getProperty(path(key));
}

/** The path of a value, for readers of other types: `getPropertyBytes(filterState.path("key"))`. */
export function path(key: string): string {
  return "filter_state\0" + key;
}

/** The path of a value that an upstream filter has set. */
export function upstreamPath(key: string): string {
  return "upstream_filter_state\0" + key;
}
