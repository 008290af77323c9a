// Filters written with this library pass the public test vectors of Service Extensions plugins.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

import { buildFile, repository } from "../support/asc.ts";
import { guest } from "../host/guest.ts";
import { formatReport, loadSuite, runSuite, summarize } from "../../src/conformance/index.ts";

/** The vectors are not part of this repository. */
const vectors = join(repository, "../shared/conformance");

/** Filters of this folder, and how many vectors there are for each. */
const FILTERS: Readonly<Record<string, number>> = {
  add_custom_response: 2,
  add_request_header: 4,
  add_response_header: 7,
  block_request: 2,
  docs_first_plugin: 1,
  local_reply: 1,
  log_calls: 1,
  log_query: 3,
  normalize_header: 4,
  overwrite_header: 4,
  testing: 3,
};

describe("test vectors", () => {
  test.skipIf(!existsSync(vectors)).for(Object.entries(FILTERS))("of %s all pass", async ([name, count]) => {
    const wasm = readFileSync(await buildFile(`tests/conformance/${name}/assembly/index.ts`));
    const folder = join(vectors, name);
    const suite = loadSuite(join(folder, "tests.textpb"));
    const report = summarize([await runSuite({ suite, file: `${name}/tests.textpb`, folder, wasm })]);
    expect(report.failed, formatReport(report)).toBe(0);
    expect(report.passed).toBe(count);
  });

  test.skipIf(!existsSync(vectors)).for(Object.keys(FILTERS))(
    "of %s fail on a module that does nothing",
    async (name) => {
      const folder = join(vectors, name);
      const suite = loadSuite(join(folder, "tests.textpb"));
      const { tests } = await runSuite({ suite, file: name, folder, wasm: guest(() => "") });
      expect(tests.some(({ passed }) => !passed)).toBe(true);
    },
  );
});
