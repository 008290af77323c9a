// Builds a project again and again, whenever one of its files changes.
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { build } from "./build.ts";
import type { Build, BuildOptions } from "./build.ts";

const INTERVAL_MILLISECONDS = 200;

/** Told of what happens. */
export interface WatchEvents {
  built(build: Build): void | Promise<void>;
  /** The build could not even begin. */
  failed(error: unknown): void;
}

/** Builds until the signal comes. A build that fails does not end it. */
export async function watch(options: BuildOptions, events: WatchEvents): Promise<void> {
  const { folder, signal } = options;
  while (!signal.aborted) {
    const started = Date.now();
    let sources: readonly string[] = [join(folder, "asconfig.json"), join(folder, "package.json")];
    try {
      const result = await build(options);
      sources = result.sources;
      if (!signal.aborted) await events.built(result);
    } catch (error) {
      if (!signal.aborted) events.failed(error);
      sources = [...sources, ...(await sourcesOf(folder))];
    }
    await changed(sources, started, signal);
  }
}

/** What a broken project probably consists of. */
async function sourcesOf(folder: string): Promise<string[]> {
  const names = await readdir(join(folder, "assembly")).catch(() => []);
  return [join(folder, "assembly/index.ts"), ...names.map((name) => join(folder, "assembly", name))];
}

/**
 * Waits until a file has changed since a moment, and then stayed the same for a while. By looking: events of the system
 * do not reach into containers and network folders.
 */
async function changed(paths: readonly string[], since: number, signal: AbortSignal): Promise<void> {
  let first = await fingerprint(paths);
  // Changed while it was being built, perhaps after it was read.
  if (first.newest > since) first = { ...first, text: "" };
  let last = first.text;
  while (!signal.aborted) {
    await sleep(INTERVAL_MILLISECONDS, undefined, { signal }).catch(() => {});
    const now = (await fingerprint(paths)).text;
    if (now !== first.text && now === last) return;
    last = now;
  }
}

async function fingerprint(paths: readonly string[]): Promise<{ text: string; newest: number }> {
  let newest = 0;
  const parts = await Promise.all(
    paths.map(async (path) => {
      const found = await stat(path).catch(() => null);
      if (found === null) return "absent";
      newest = Math.max(newest, found.mtimeMs);
      return `${found.mtimeMs} ${found.size} ${found.ino}`;
    }),
  );
  return { text: parts.join("\n"), newest };
}
