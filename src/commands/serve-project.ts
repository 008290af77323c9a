// What `serve` does without a file: builds the project, then serves what it built, again and again if it watches.
import { buildOnce, print, watchBuild } from "./build.ts";
import { EXIT_FAILED } from "./io.ts";
import type { Build } from "../compile/index.ts";
import type { CommandIo } from "./io.ts";

/**
 * @param start serves a module until it is interrupted, and loads it anew when it is built
 * @throws CommandError if the project cannot be built at all, or its module not be served.
 */
export async function serveProject(
  watching: boolean,
  io: CommandIo,
  start: (wasm: string) => Promise<void>,
): Promise<void> {
  const options = { folder: io.cwd, target: "release", colour: io.colour };
  const show = (result: Build): void => print(result, false, io);
  if (!watching) {
    const { ok, outFile } = await buildOnce({ ...options, signal: io.interrupted }, show);
    if (ok) await start(outFile);
    else io.exitCode = EXIT_FAILED;
    return;
  }
  const stop = new AbortController();
  const { signal } = stop;
  io.interrupted.addEventListener("abort", () => stop.abort(), { once: true, signal });
  let serving: Promise<void> | null = null;
  await watchBuild(
    { ...options, signal },
    (result) => {
      show(result);
      if (!result.ok || serving !== null) return;
      serving = start(result.outFile).finally(() => stop.abort());
      // It is awaited below, once there is nothing more to build.
      serving.catch(() => {});
    },
    io,
  );
  await serving;
}
