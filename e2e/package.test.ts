// The first five minutes of a user: an empty folder, the package, ten lines, two commands, a header in Envoy.
import { join } from "node:path";
import { expect, test } from "vitest";

import { startEnvoy } from "../src/envoy/index.ts";
import { header } from "../tests/support/bytes.ts";
import { http1 } from "../tests/support/http-client.ts";
import { pack, userFolder } from "../tests/support/pack.ts";

const ASCONFIG = `{
  "extends": "proxy-wasm-as/asconfig.json",
  "entries": ["assembly/index.ts"],
  "targets": { "release": { "outFile": "build/filter.wasm" }, "debug": { "outFile": "build/debug.wasm" } }
}
`;

const FILTER = `import { FilterHeadersStatus, HttpContext, registerHttpContext } from "proxy-wasm-as";

class AddHeader extends HttpContext {
  override onResponseHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    this.responseHeaders.add("x-hand-made", "yes");
    return FilterHeadersStatus.Continue;
  }
}
registerHttpContext<AddHeader>();
`;

test("a filter made by hand in an empty folder adds its header in Envoy", { timeout: 240_000 }, async () => {
  const { tarball } = await pack();
  await using folder = userFolder();
  await folder.run("npm", "init", "--yes");
  await folder.run("npm", "install", "--save-dev", tarball, "assemblyscript");
  folder.write({ "asconfig.json": ASCONFIG, "assembly/index.ts": FILTER });

  for (const [target, file] of [
    ["release", "build/filter.wasm"],
    ["debug", "build/debug.wasm"],
  ] as const) {
    expect(await folder.run("npx", "asc", "--target", target)).toBe("");
    await using envoy = await startEnvoy({ http: { filters: [{ wasm: join(folder.path, file) }] } });
    const response = await http1(envoy.port);
    expect(response.status).toBe(200);
    expect(header(response.headers, "x-hand-made")).toBe("yes");
  }
});
