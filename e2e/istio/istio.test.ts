// What `config` and `push` make, before Istio's own code. Runs where `npm run e2e:istio` has built it.
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";

import { DIGEST, ENVOY_FILTERS, PLUGINS } from "../../tests/istio/configurations.ts";
import { buildFile } from "../../tests/support/asc.ts";
import { command } from "../../tests/commands/support.ts";
import { hasReferee, refereePath } from "./referee.mjs";
import { startFakeRegistry } from "../../tests/oci/fake-registry.ts";

const folder = mkdtempSync(join(tmpdir(), "istio-e2e-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Verdict {
  readonly kind: string;
  readonly warnings: readonly string[];
  readonly error?: string;
}

/** Runs the referee; its answer is in the last lines, one JSON object each. */
function referee(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Record<string, unknown>[]> {
  return new Promise((resolve) => {
    const options = { env: { ...process.env, ...env }, maxBuffer: 1 << 26, cwd: folder };
    execFile(refereePath(), args, options, (_, stdout) =>
      resolve(
        stdout
          .split("\n")
          .filter((line) => line.startsWith("{"))
          .map((line) => JSON.parse(line) as Record<string, unknown>),
      ),
    );
  });
}

async function config(args: readonly string[]): Promise<string> {
  const { code, out, err } = await command(["config", ...args], { cwd: folder });
  expect([code, err]).toEqual([0, ""]);
  return out;
}

/** Verdicts on texts, one each, in their order. */
async function judge(texts: readonly string[]): Promise<Verdict[]> {
  const files = texts.map((text, index) => {
    const file = join(folder, `${index}.yaml`);
    writeFileSync(file, text);
    return file;
  });
  return (await referee(["validate", ...files])) as unknown as Verdict[];
}

const CASES = [
  ...PLUGINS.map(([title, args]) => [title, ["wasmplugin", ...args]] as const),
  ...PLUGINS.map(([title, args]) => [title, ["trafficextension", ...args]] as const),
  ...ENVOY_FILTERS.map(([title, args]) => [title, ["envoyfilter", ...args]] as const),
];

describe.skipIf(!hasReferee())("Istio's own code", () => {
  test("accepts every generated resource, without a warning but the one that all EnvoyFilters get", async () => {
    const verdicts = await judge(await Promise.all(CASES.map(([, args]) => config(args))));
    expect(verdicts.length).toBe(CASES.length);
    for (const [index, { error, warnings, kind }] of verdicts.entries()) {
      const [title, args] = CASES[index] ?? ["", []];
      const label = `${args[0]}: ${title}`;
      expect(error, label).toBeUndefined();
      expect(
        warnings.filter((text) => !text.includes("exposes internal implementation details")),
        label,
      ).toEqual([]);
      expect(kind.toLowerCase()).toBe(args[0]);
    }
  });

  test("would find mistakes, those of the schema and those that only code can see", async () => {
    const plugin = parse(await config(["wasmplugin", "--image", `a.b/c:1@sha256:${DIGEST}`])) as Mutable;
    const patch = parse(await config(["envoyfilter", "--wasm", "/a.wasm"])) as Mutable;
    const changed = (from: Mutable, change: (spec: Mutable) => void): string => {
      const copy = structuredClone(from);
      change(copy["spec"]);
      return stringify(copy);
    };
    const verdicts = await judge([
      changed(plugin, (spec) => (spec["sha256"] = "abc")),
      changed(plugin, (spec) => (spec["url"] = "ftp://a/b")),
      changed(plugin, (spec) => (spec["phase"] = "LAST")),
      changed(plugin, (spec) => (spec["unknown"] = 1)),
      changed(plugin, (spec) => (spec["vmConfig"] = { env: [{ name: "A", value: "1", valueFrom: "HOST" }] })),
      changed(patch, (spec) => (spec["configPatches"][0]["applyTo"] = "CLUSTER")),
    ]);
    expect(verdicts.filter(({ error }) => error === undefined)).toEqual([]);
    const [unknown] = await judge([
      changed(
        patch,
        (spec) => (spec["configPatches"][0]["patch"]["value"]["typed_config"]["config"]["nope"] = 1),
      ),
    ]);
    expect(unknown?.warnings.length).toBeGreaterThan(1);
  });

  describe("fetches what was pushed, byte for byte", () => {
    let wasm: Buffer;
    beforeAll(async () => {
      wasm = readFileSync(await buildFile("examples/hello/assembly/index.ts"));
      writeFileSync(join(folder, "filter.wasm"), wasm);
    });

    test.each(["compat", "artifact"])("%s, with and without a password", async (layout) => {
      // Istio gives no password to a realm that might be an attacker's.
      const realm = "https://registry.example.com/";
      for (const basic of [undefined, "ada:secret"]) {
        await using registry = await startFakeRegistry({ ...(basic && { basic, realm }) });
        const login = {
          auths: { [registry.host]: { auth: Buffer.from(basic ?? "x:y").toString("base64") } },
        };
        writeFileSync(join(folder, "config.json"), JSON.stringify(login));
        const image = `oci://${registry.host}/team/filter:1.0`;
        const pushed = await command(["push", "filter.wasm", image, "--layout", layout, "--json"], {
          cwd: folder,
          env: { DOCKER_CONFIG: folder },
        });
        expect([pushed.code, pushed.err]).toEqual([0, ""]);
        const { digest, url } = JSON.parse(pushed.out) as { digest: string; url: string };
        for (const name of [image, url]) {
          const output = join(folder, "fetched.wasm");
          rmSync(output, { force: true });
          const answer = await referee(
            ["fetch", name, output],
            basic ? { PULL_SECRET: JSON.stringify(login) } : {},
          );
          expect(answer.at(-1)).toEqual({ digest: digest.replace("sha256:", "") });
          expect(readFileSync(output).equals(wasm)).toBe(true);
        }
      }
    });
  });
});

// Resources are deep, and the tests change them here and there.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Mutable = Record<string, any>;
