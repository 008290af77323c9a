// The first five minutes: an empty folder, the packed package, and each command that the new project's README names.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

import { createProgram } from "../src/commands/program.ts";
import { follow } from "../tests/docs/walkthrough.ts";
import { freePort } from "../tests/support/tcp.ts";
import { header } from "../tests/support/bytes.ts";
import { http1 } from "../tests/support/http-client.ts";
import { pack, userEnvironment, userFolder } from "../tests/support/pack.ts";
import { Terminal } from "../tests/docs/terminal.ts";
import { testIo } from "../tests/commands/support.ts";

test(
  "init, install, build, test and start lead from nothing to a filtered response, as the README shows",
  { timeout: 300_000 },
  async () => {
    const { tarball } = await pack();
    await using user = userFolder();
    const project = join(user.path, "my-filter");
    const port = await freePort();

    const started = Date.now();
    const printed = await user.run(
      ...(["npm", "exec", "--yes", `--package=${tarball}`, "--", "proxy-wasm-as"] as const),
      ...["init", "my-filter"],
    );
    expect(printed).toContain(`wrote my-filter, 7 files of the template http, into ${project}\n`);
    expect(existsSync(join(project, ".gitignore"))).toBe(true);
    await follow("README.md", readFileSync(join(project, "README.md"), "utf8"), {
      folder: project,
      env: userEnvironment(),
      replacements: [
        // The package is in no registry yet when this runs.
        ["npm install", `npm install --save-dev '${tarball}'`],
        ["npm start", `npm start -- --port ${port}`],
        ["8080", `${port}`],
      ],
    });
    const seconds = ((Date.now() - started) / 1000).toFixed(1);
    console.log(`from init to the first filtered response: ${seconds} s`);

    const hasEnvoy = createProgram(testIo()).commands.some((command) => command.name() === "envoy");
    if (hasEnvoy) await inEnvoy(project);
  },
);

/** The same response from a real Envoy. */
async function inEnvoy(project: string): Promise<void> {
  const terminal = new Terminal("exec npm run envoy -- --port 0", project, userEnvironment());
  try {
    const address = (output: string): string | undefined => /http:\/\/127\.0\.0\.1:(\d+)/.exec(output)?.[1];
    const port = await terminal.until(address, 120_000);
    expect(port, terminal.output).toBeDefined();
    const response = await http1(Number(port));
    expect([response.status, header(response.headers, "hello")]).toEqual([200, "world"]);
  } finally {
    await terminal.stop();
  }
}
