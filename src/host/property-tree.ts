// Properties that a test has set, by path.
import { typedNumber } from "./property-values.ts";
import type { PropertyValue } from "./property-values.ts";

/** A path as one text with dots, or as its segments when a segment itself has dots. */
export type PropertyPath = string | readonly string[];

/** Inner nodes are groups, which a guest can only walk into; leaves are values. */
export type PropertyNode = PropertyValue | PropertyGroup;
export class PropertyGroup {
  readonly members = new Map<string, PropertyNode>();
}

/**
 * Splits a path at its dots. What follows `filter_state.` or `upstream_filter_state.` is one segment, because keys of
 * the filter state have dots of their own.
 */
export function splitPath(path: PropertyPath): readonly string[] {
  if (typeof path !== "string") return path;
  const state = /^((?:upstream_)?filter_state)\.(.+)$/s.exec(path);
  return state === null ? path.split(".") : [state[1]!, state[2]!];
}

/** A tree of properties, over another one that answers for what this one lacks. */
export class PropertyTree {
  readonly #root = new PropertyGroup();
  readonly #below: PropertyTree | null;

  constructor(below: PropertyTree | null, values: Readonly<Record<string, PropertyValue>> = {}) {
    this.#below = below;
    for (const [path, value] of Object.entries(values)) this.set(path, value);
  }

  /** Sets the property, replacing what was below its path. */
  set(path: PropertyPath, value: PropertyValue): void {
    const segments = splitPath(path);
    let group = this.#root;
    for (const segment of segments.slice(0, -1)) {
      let next = group.members.get(segment);
      if (!(next instanceof PropertyGroup)) group.members.set(segment, (next = new PropertyGroup()));
      group = next;
    }
    group.members.set(segments.at(-1) ?? "", typedNumber(segments, value));
  }

  /** Removes the property, so that the guest finds what the host computes, or nothing. */
  delete(path: PropertyPath): void {
    const segments = splitPath(path);
    let group: PropertyNode | undefined = this.#root;
    for (const segment of segments.slice(0, -1))
      group = group instanceof PropertyGroup ? group.members.get(segment) : undefined;
    if (group instanceof PropertyGroup) group.members.delete(segments.at(-1) ?? "");
  }

  /** The value that lies on the path, and how many segments lead to it; null if none does. */
  find(path: readonly string[]): { value: PropertyValue; depth: number } | null {
    let node: PropertyNode | undefined = this.#root;
    for (let depth = 0; node instanceof PropertyGroup && depth < path.length; depth++) {
      node = node.members.get(path[depth]!);
      if (node !== undefined && !(node instanceof PropertyGroup)) return { value: node, depth: depth + 1 };
    }
    return this.#below?.find(path) ?? null;
  }
}
