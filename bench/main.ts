// The benchmark: reads the command line, builds, runs the parts, writes the tables.
import { mkdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";

import { parseArguments, PARTS, USAGE, type Arguments, type PartName } from "./arguments.ts";
import { type EnvoyBinary, findEnvoy } from "../src/envoy/index.ts";
import { checkEmbedded } from "./behaviour/embedded.ts";
import { build } from "./build.ts";
import { FULL_ENVOY, measureEnvoy, QUICK_ENVOY } from "./envoy/measure.ts";
import { FULL_HOST, measureHost, QUICK_HOST } from "./host.ts";
import { describeSetting, type Setting, settingToMarkdown } from "./machine.ts";
import { FULL_MEMORY, measureMemory, QUICK_MEMORY } from "./memory/measure.ts";
import type { Module } from "./modules.ts";
import { buildExamples } from "./ours.ts";
import { repository, work } from "./places.ts";
import { type PartResult, partToMarkdown } from "./report.ts";
import { measureSizes } from "./size.ts";
import { FULL_VM, measureVm, QUICK_VM } from "./vm/measure.ts";

/** Runs the benchmark; resolves with the exit code. */
export async function main(given: readonly string[]): Promise<number> {
  let options: Arguments;
  try {
    options = parseArguments(given);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${USAGE}\n`);
    return 2;
  }
  if (options.help) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  const run = new Run(options);
  await run.everything();
  run.write();
  return run.mistakes.length === 0 ? 0 : 1;
}

class Run {
  readonly mistakes: string[] = [];
  readonly #options: Arguments;
  readonly #begun = performance.now();
  readonly #notes: string[] = [];
  readonly #results = new Map<PartName, PartResult>();
  // At once: later the benchmark itself is the load of the machine.
  #setting: Setting = describeSetting();

  constructor(options: Arguments) {
    this.#options = options;
  }

  async everything(): Promise<void> {
    const built = await build(this.#options.peers, this.#progress);
    this.#notes.push(...built.skipped);
    this.#progress("checking that all modules of a filter do the same");
    const { modules, mistakes, unchecked } = await checkEmbedded(built.modules);
    for (const mistake of mistakes) this.#progress(`wrong, so not measured: ${mistake}`);
    this.mistakes.push(...mistakes);
    this.#notes.push(...unchecked);
    this.#addVersions(built.versions);
    for (const part of this.#options.parts) await this.#part(part, modules);
    this.#progress("done");
  }

  /** Writes tables and data to files, and one of both to standard output. */
  write(): void {
    const { quick, json, parts } = this.#options;
    const data = {
      ...this.#setting,
      ...{ quick, notes: this.#notes, mistakes: this.mistakes },
      parts: Object.fromEntries([...this.#results].map(([name, { data }]) => [name, data])),
    };
    const markdown = [
      `# Benchmark${quick ? ", quick: rough figures" : ""}`,
      settingToMarkdown(this.#setting),
      ...[...this.#notes, ...this.mistakes].map((line) => `- ${line}`),
      ...[...this.#results.values()].map(partToMarkdown),
    ].join("\n\n");
    const texts = { json: `${JSON.stringify(data, null, 2)}\n`, md: `${markdown}\n` };
    const name = join(work, parts.length === PARTS.length ? "results" : `results-${parts.join("-")}`);
    mkdirSync(work, { recursive: true });
    writeFileSync(`${name}.md`, texts.md);
    writeFileSync(`${name}.json`, texts.json);
    process.stdout.write(json ? texts.json : texts.md);
    this.#progress(`written: ${relative(repository, name)}.md and .json`);
  }

  readonly #progress = (line: string): void => {
    const seconds = Math.round((performance.now() - this.#begun) / 1000);
    process.stderr.write(`${String(seconds).padStart(5)} s  ${line}\n`);
  };

  async #part(part: PartName, modules: readonly Module[]): Promise<void> {
    this.#progress(`part ${part}`);
    try {
      const result = await this.#measure(part, modules);
      this.mistakes.push(...(result.mistakes ?? []));
      this.#results.set(part, result);
    } catch (error) {
      // What other parts have found is not lost.
      const line = `part ${part} failed: ${(error as Error).message}`;
      this.mistakes.push(line);
      this.#progress(line);
    }
  }

  async #measure(part: PartName, modules: readonly Module[]): Promise<PartResult> {
    const { quick } = this.#options;
    switch (part) {
      case "size":
        return measureSizes(modules, await buildExamples());
      case "vm":
        return measureVm(modules, quick ? QUICK_VM : FULL_VM, this.#progress);
      case "envoy":
        return measureEnvoy(modules, quick ? QUICK_ENVOY : FULL_ENVOY, await this.#envoy(), this.#progress);
      case "memory":
        return measureMemory(
          modules,
          quick ? QUICK_MEMORY : FULL_MEMORY,
          await this.#envoy(),
          this.#progress,
        );
      case "host":
        return measureHost(modules, quick ? QUICK_HOST : FULL_HOST);
    }
  }

  async #envoy(): Promise<EnvoyBinary> {
    if (process.platform !== "linux")
      throw new Error("the accounts of the kernel are read as Linux keeps them");
    const envoy = await findEnvoy({ onProgress: this.#progress });
    this.#addVersions({ envoy: envoy.version });
    return envoy;
  }

  #addVersions(versions: Setting["versions"]): void {
    this.#setting = { ...this.#setting, versions: { ...this.#setting.versions, ...versions } };
  }
}
