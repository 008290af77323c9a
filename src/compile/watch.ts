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
  const least = [join(folder, "asconfig.json"), join(folder, "package.json")];
  let sources: readonly string[] = least;
  while (!signal.aborted) {
    const started = Date.now();
    const known = sources.join();
    const before = (await fingerprint(sources)).text;
    try {
      const result = await build(options);
      sources = result.sources;
      if (!signal.aborted) await events.built(result);
    } catch (error) {
      if (!signal.aborted) events.failed(error);
      sources = [...new Set([...sources, ...least, ...(await sourcesOf(folder))])];
    }
    const { text, newest } = await fingerprint(sources);
    // Of a file that was not known before, its time must tell whether it changed after it was read.
    const built = known === sources.join() ? before : newest > started ? "" : text;
    await changed(sources, built, signal);
  }
}

/** What a broken project probably consists of. */
async function sourcesOf(folder: string): Promise<string[]> {
  const names = await readdir(join(folder, "assembly")).catch(() => []);
  return [join(folder, "assembly/index.ts"), ...names.map((name) => join(folder, "assembly", name))];
}

/**
 * Waits until the files are others than those that were built, and then stayed the same for a while. By looking: events
 * of the system do not reach into containers and network folders.
 */
async function changed(paths: readonly string[], built: string, signal: AbortSignal): Promise<void> {
  let last = built;
  while (!signal.aborted) {
    await sleep(INTERVAL_MILLISECONDS, undefined, { signal }).catch(() => {});
    const now = (await fingerprint(paths)).text;
    if (now !== built && now === last) return;
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
