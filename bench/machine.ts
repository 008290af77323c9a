// What the figures were measured with: machine, versions, date.
import { readFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg, platform, release, totalmem } from "node:os";
import { join } from "node:path";

import { repository } from "./places.ts";

export interface Setting {
  readonly date: string;
  readonly machine: {
    readonly processor: string;
    readonly cores: number;
    readonly memoryGiB: number;
    readonly system: string;
    /** Load average of the last minute when the benchmark began. */
    readonly load: number;
  };
  readonly versions: Readonly<Record<string, string>>;
}

/** The setting now, with the versions of what every run uses. */
export function describeSetting(): Setting {
  return {
    date: new Date().toISOString(),
    machine: {
      processor: cpus()[0]?.model ?? "unknown",
      cores: availableParallelism(),
      memoryGiB: Math.round(totalmem() / 2 ** 30),
      system: `${platform()} ${release()}`,
      load: loadavg()[0] ?? 0,
    },
    versions: {
      "proxy-wasm-as": packageVersion("package.json"),
      assemblyscript: packageVersion("node_modules/assemblyscript/package.json"),
      node: process.versions.node,
      "V8 of node": process.versions.v8,
      autocannon: packageVersion("node_modules/autocannon/package.json"),
    },
  };
}

export function settingToMarkdown({ date, machine, versions }: Setting): string {
  const { processor, cores, memoryGiB, system, load } = machine;
  const named = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    `${date}. ${processor}, ${cores} cores, ${memoryGiB} GiB, ${system}; load average at the start ${load.toFixed(2)}.`,
    `${named.join(", ")}.`,
  ].join("\n\n");
}

function packageVersion(path: string): string {
  return (JSON.parse(readFileSync(join(repository, path), "utf8")) as { version: string }).version;
}
