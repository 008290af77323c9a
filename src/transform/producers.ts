// The section `producers` of a module: says that this library, in this version, is in it.
import { readFileSync } from "node:fs";
import type { Module } from "assemblyscript";

const SECTION = "producers";
const FIELD = "sdk";
const NAME = "proxy-wasm-as";

/** Adds the section, as WebAssembly's tool conventions lay it out. Engines ignore it. */
export function addProducers(module: Module): void {
  const content = [[1], text(FIELD), [1], text(NAME), text(version())].flat();
  module.addCustomSection(SECTION, Uint8Array.from(content));
}

/** A name with its length before it, which takes one byte up to 127. */
function text(value: string): number[] {
  return [value.length, ...Buffer.from(value)];
}

function version(): string {
  const manifest = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}
