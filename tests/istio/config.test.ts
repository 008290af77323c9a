// The resources of Istio that `config` prints: right by their schemas, quoted, commented; and what is refused.
import { parse } from "yaml";
import { writeFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";

import { DIGEST, ENVOYS, ENVOY_FILTERS, PLUGINS } from "./configurations.ts";
import { command } from "../commands/support.ts";
import { schemaErrors } from "./crds.ts";

const folder = mkdtempSync(join(tmpdir(), "config-test-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What `config` prints, which must go well. */
async function config(...args: readonly string[]): Promise<string> {
  const { code, out, err } = await command(["config", ...args], { cwd: folder });
  expect([code, err.replace(/^note: .*\n/, "")]).toEqual([0, ""]);
  return out;
}

async function resource(...args: readonly string[]): Promise<Record<string, unknown>> {
  return parse(await config(...args)) as Record<string, unknown>;
}

/** Values without quotes, other than numbers, booleans, null and empty collections. */
function unquoted(yaml: string): string[] {
  return yaml
    .split("\n")
    .filter((line) => !line.trimStart().startsWith("#"))
    .map((line) => /(?:^|[-:] )(?:- )*([^\s"-][^"]*)$/.exec(line)?.[1] ?? "")
    .filter((value) => value !== "" && !/^(?:-?[\d.e+-]+|true|false|null|\{\}|\[\]|[^:]+:)$/.test(value));
}

describe.each(["wasmplugin", "trafficextension"])("config %s", (kind) => {
  test.each(PLUGINS)("%s: right by its schema, strings quoted, the same as JSON", async (_, args) => {
    const yaml = await config(kind, ...args);
    const value = parse(yaml, { version: "1.1" }) as Record<string, unknown>;
    expect(schemaErrors(value)).toEqual([]);
    expect(unquoted(yaml)).toEqual([]);
    expect(JSON.parse(await config(kind, ...args, "--json"))).toEqual(value);
    expect(yaml).toMatch(/^# (?:WasmPlugin|TrafficExtension) [\w-]+: .*\n/);
  });
});

describe("config envoyfilter", () => {
  test.each(ENVOY_FILTERS)("%s: right by its schema, strings quoted, the same as JSON", async (_, args) => {
    const yaml = await config("envoyfilter", ...args);
    const value = parse(yaml, { version: "1.1" }) as Record<string, unknown>;
    expect(schemaErrors(value)).toEqual([]);
    expect(unquoted(yaml)).toEqual([]);
    expect(JSON.parse(await config("envoyfilter", ...args, "--json"))).toEqual(value);
  });
});

test.each(ENVOYS)("config envoy, %s: strings quoted, the same as JSON", async (_, args) => {
  const yaml = await config("envoy", ...args);
  expect(unquoted(yaml)).toEqual([]);
  expect(JSON.parse(await config("envoy", ...args, "--json"))).toEqual(parse(yaml, { version: "1.1" }));
});

test("the schema check finds what is wrong", async () => {
  const good = await resource("wasmplugin", "--image", "ghcr.io/a/b:1");
  const spec = good["spec"] as object;
  for (const wrong of [
    { sha256: "ABC" },
    { phase: "LAST" },
    { unknown: 1 },
    { priority: "1" },
    { vmConfig: { env: [{}] } },
  ])
    expect(schemaErrors({ ...good, spec: { ...spec, ...wrong } }), JSON.stringify(wrong)).not.toEqual([]);
});

test("a WasmPlugin has every field in its place, with a comment", async () => {
  const yaml = await config(
    "wasmplugin",
    ...["--image", `ghcr.io/team/filter:1.0@sha256:${DIGEST}`, "--phase", "authn", "--priority", "10"],
    ...[
      "--selector",
      "app=web",
      "--configuration",
      '{"on":"off"}',
      "--root-id",
      "r",
      "--env",
      "A=1",
      "--env",
      "B",
    ],
    ...["--failure-policy", "closed", "--pull-secret", "login", "--namespace", "web"],
  );
  expect(parse(yaml)).toEqual({
    apiVersion: "extensions.istio.io/v1alpha1",
    kind: "WasmPlugin",
    metadata: { name: "filter", namespace: "web" },
    spec: {
      selector: { matchLabels: { app: "web" } },
      url: `oci://ghcr.io/team/filter:1.0@sha256:${DIGEST}`,
      sha256: DIGEST,
      phase: "AUTHN",
      priority: 10,
      imagePullSecret: "login",
      pluginName: "r",
      failStrategy: "FAIL_CLOSE",
      vmConfig: {
        env: [
          { name: "A", value: "1" },
          { name: "B", valueFrom: "HOST" },
        ],
      },
      pluginConfig: { on: "off" },
    },
  });
  // Each field of the plugin has a line above that says what it is.
  const lines = yaml.split("\n");
  const spec = lines
    .slice(lines.indexOf("spec:") + 1)
    .map((line, index) => [line, lines[lines.indexOf("spec:") + index]]);
  for (const [line, above] of spec) if (/^ {2}\w/.test(line ?? "")) expect(above, line).toMatch(/^ {2}# /);
});

test("an EnvoyFilter for an image lets the proxy's agent fetch it", async () => {
  const { spec } = (await resource(
    "envoyfilter",
    ...["--image", `ghcr.io/team/filter:1.0@sha256:${DIGEST}`, "--namespace", "web"],
  )) as { spec: { configPatches: Record<string, unknown>[]; priority: number } };
  expect(spec.priority).toBe(10);
  expect(spec.configPatches.map(({ applyTo }) => applyTo)).toEqual(["HTTP_FILTER", "EXTENSION_CONFIG"]);
  expect(spec.configPatches[1]).toMatchObject({
    patch: {
      operation: "ADD",
      value: {
        name: "web.filter",
        typed_config: {
          config: {
            vm_config: {
              code: {
                remote: {
                  sha256: DIGEST,
                  http_uri: { uri: `oci://ghcr.io/team/filter:1.0@sha256:${DIGEST}` },
                },
              },
            },
          },
        },
      },
    },
  });
});

describe("names come from the file or the image, as Kubernetes wants them", () => {
  test.each([
    [["--wasm", "/opt/My_Filter.v2.wasm"], "my-filter-v2"],
    [["--wasm", "https://example.com/x/Auth.wasm", "--sha256", DIGEST], "auth"],
    [["--image", "ghcr.io/team/rate-limit:1.0"], "rate-limit"],
    [["--wasm", "/opt/___.wasm"], "filter"],
  ])("%j", async (args, name) => {
    expect((await resource("wasmplugin", ...args))["metadata"]).toEqual({ name });
  });
});

const IMAGE = ["--image", "ghcr.io/team/filter:1.0"];

describe("what Istio or Envoy would refuse, ignore or misread is refused, with the way out", () => {
  test.each<[string, string[], RegExp]>([
    ["a digest that is short", ["wasmplugin", ...IMAGE, "--sha256", "abc"], /"abc" is no SHA-256/],
    ["a digest in capitals", ["wasmplugin", ...IMAGE, "--sha256", DIGEST.toUpperCase()], /is no SHA-256/],
    [
      "two digests",
      ["wasmplugin", "--image", `a.b/c:1@sha256:${DIGEST}`, "--sha256", "f".repeat(64)],
      /not the digest that is in --image/,
    ],
    ["a URL without SHA-256", ["wasmplugin", "--wasm", "https://a/x.wasm"], /needs its SHA-256[^]*sha256sum/],
    ["an empty SHA-256", ["envoy", "--wasm", "https://a/x.wasm", "--sha256", ""], /"" is no SHA-256/],
    [
      "a scheme that nobody knows",
      ["wasmplugin", "--wasm", "ftp://a/x.wasm", "--sha256", DIGEST],
      /is no URL of a module/,
    ],
    [
      "the same for Envoy",
      ["envoy", "--wasm", "ftp://a/x.wasm", "--sha256", DIGEST],
      /is no URL of a module/,
    ],
    [
      "a URL with a space",
      ["wasmplugin", "--wasm", "https://a/x y.wasm", "--sha256", DIGEST],
      /characters that no URL has/,
    ],
    [
      "a URL with half an escape",
      ["trafficextension", "--wasm", "https://a/%zz", "--sha256", DIGEST],
      /characters that no URL has/,
    ],
    [
      "credentials in a URL",
      ["wasmplugin", "--wasm", "https://u:p@a/x.wasm", "--sha256", DIGEST],
      /user name or password/,
    ],
    [
      "the same for Envoy",
      ["envoy", "--wasm", "https://u:p@a/x.wasm", "--sha256", DIGEST],
      /user name or password/,
    ],
    [
      "a relative path",
      ["wasmplugin", "--wasm", "build/filter.wasm"],
      /no absolute path[^]*proxy's own container/,
    ],
    ["a path that would be decoded by nobody", ["wasmplugin", "--wasm", "/opt/a%20b.wasm"], /would not find/],
    ["a folder", ["envoyfilter", "--wasm", "/opt/"], /would not find/],
    ["no module", ["wasmplugin"], /--wasm or --image is missing/],
    ["no module for Envoy", ["envoy"], /--wasm is missing/],
    ["an image as --wasm", ["wasmplugin", "--wasm", "oci://a.b/c:1"], /Give the image with --image/],
    ["both", ["wasmplugin", ...IMAGE, "--wasm", "/a"], /cannot be used with/],
    ["a digest for a file", ["envoy", "--wasm", "a.wasm", "--sha256", DIGEST], /for URLs and images/],
    ["an image without a host", ["wasmplugin", "--image", "filter:1.0"], /begins with the registry's host/],
    ["an image in capitals", ["wasmplugin", "--image", "ghcr.io/Team/filter:1"], /small letters/],
    ["an image for Envoy", ["envoy", ...IMAGE], /no --image[^]*pull it/i],
    ["an EnvoyFilter with a tag only", ["envoyfilter", ...IMAGE], /needs the digest/],
    [
      "an EnvoyFilter for TCP with an image",
      ["envoyfilter", "--image", `a.b/c@sha256:${DIGEST}`, "--tcp"],
      /can load a file only/,
    ],
    [
      "a phase that is none",
      ["wasmplugin", ...IMAGE, "--phase", "last"],
      /Allowed choices are authn, authz, stats/,
    ],
    [
      "a phase that EnvoyFilter cannot keep",
      ["envoyfilter", "--wasm", "/a.wasm", "--phase", "authz"],
      /has no phase AUTHZ/,
    ],
    [
      "a policy that is none",
      ["wasmplugin", ...IMAGE, "--failure-policy", "ajar"],
      /Allowed choices are closed, open, reload/,
    ],
    [
      "a priority beyond 32 bits",
      ["wasmplugin", ...IMAGE, "--priority", "2147483648"],
      /priority cannot be 2147483648/,
    ],
    ["a priority with a fraction", ["wasmplugin", ...IMAGE, "--priority", "1.5"], /whole number/],
    [
      "a variable with a value and from the host",
      ["wasmplugin", ...IMAGE, "--env", "A=1", "--env", "A"],
      /A is given twice/,
    ],
    ["a variable without a name", ["wasmplugin", ...IMAGE, "--env", "=1"], /begin with a name/],
    [
      "a variable that Istio keeps",
      ["wasmplugin", ...IMAGE, "--env", "ISTIO_META_X=1"],
      /would not see ISTIO_META_X/,
    ],
    [
      "a variable with a name too long",
      ["envoyfilter", "--wasm", "/a.wasm", "--env", `${"A".repeat(257)}=1`],
      /1 to 256 bytes/,
    ],
    [
      "a configuration that is no JSON",
      ["wasmplugin", ...IMAGE, "--configuration", "plain"],
      /is no JSON[^]*config envoyfilter/,
    ],
    [
      "a configuration that is no object",
      ["wasmplugin", ...IMAGE, "--configuration", "[1]"],
      /but no object/,
    ],
    [
      "a number that Istio would round",
      ["wasmplugin", ...IMAGE, "--configuration", '{"a":[9007199254740993]}'],
      /beyond 2\^53/,
    ],
    ["a root id too long", ["wasmplugin", ...IMAGE, "--root-id", "é".repeat(129)], /longer than 256 bytes/],
    [
      "a name that Kubernetes would refuse",
      ["wasmplugin", ...IMAGE, "--name", "My Filter"],
      /the name cannot be "My Filter"/,
    ],
    ["a namespace with a dot", ["wasmplugin", ...IMAGE, "--namespace", "a.b"], /the namespace cannot be/],
    ["a selector without a value", ["wasmplugin", ...IMAGE, "--selector", "app"], /label=value/],
    ["a selector with a wildcard", ["wasmplugin", ...IMAGE, "--selector", "app=*"], /no wildcards/],
    [
      "a label that is none",
      ["envoyfilter", "--wasm", "/a.wasm", "--selector", "a/b/c=d"],
      /there is no label/,
    ],
    [
      "a secret for a URL",
      ["wasmplugin", "--wasm", "https://a/x", "--sha256", DIGEST, "--pull-secret", "s"],
      /for images only/,
    ],
    [
      "a secret that is no name",
      ["wasmplugin", ...IMAGE, "--pull-secret", "S_1"],
      /the pull secret cannot be/,
    ],
    ["a secret in an EnvoyFilter", ["envoyfilter", ...IMAGE, "--pull-secret", "s"], /has no --pull-secret/],
    [
      "an option that WasmPlugin lacks",
      ["wasmplugin", ...IMAGE, "--allow-on-headers-stop-iteration"],
      /use config envoyfilter/,
    ],
    [
      "capabilities that WasmPlugin lacks",
      ["trafficextension", ...IMAGE, "--capabilities", "proxy_log"],
      /use config envoyfilter/,
    ],
    [
      "a capability that is none",
      ["envoy", "--wasm", "a", "--capabilities", "proxy_lag"],
      /"proxy_lag" is no host function/,
    ],
    ["no capabilities", ["envoy", "--wasm", "a", "--capabilities", ""], /"" is no host function/],
    ["a namespace for Envoy", ["envoy", "--wasm", "a", "--namespace", "a"], /no --namespace/],
    ["a port for Istio", ["wasmplugin", ...IMAGE, "--port", "1"], /no --port/],
    ["a version that is none", ["envoy", "--wasm", "a", "--envoy-version", "1.40"], /must look like 1.40.0/],
    ["a kind that is none", ["pod"], /Allowed choices are envoy, wasmplugin, envoyfilter, trafficextension/],
    [
      "a file that is not there",
      ["envoy", "--wasm", "a", "--configuration-file", "absent"],
      /there is no file/,
    ],
  ])("%s", async (_, args, message) => {
    const { code, out, err } = await command(["config", ...args], { cwd: folder });
    expect([code, out]).toEqual([2, ""]);
    expect(err).toMatch(/^error: /);
    expect(err).toMatch(message);
    expect(err.trim().split("\n").length).toBeGreaterThan(1);
  });
});

test("a configuration from a file arrives as it is; what is no UTF-8 is refused", async () => {
  writeFileSync(join(folder, "c.txt"), "\ufeffa\r\n");
  const yaml = await config("envoyfilter", "--wasm", "/a.wasm", "--configuration-file", "c.txt");
  expect(yaml).toContain(String.raw`value: "` + "\ufeff" + String.raw`a\r\n"`);
  writeFileSync(join(folder, "b.bin"), Buffer.from([0xff]));
  const bad = await command(["config", "envoyfilter", "--wasm", "/a.wasm", "--configuration-file", "b.bin"], {
    cwd: folder,
  });
  expect([bad.code, bad.err]).toEqual([2, expect.stringContaining("must be UTF-8")]);
});

test("--output writes a file, and says so elsewhere than on stdout", async () => {
  const { out, err } = await command(["config", "wasmplugin", ...IMAGE, "-o", "plugin.yaml"], {
    cwd: folder,
  });
  expect([out, err]).toEqual(["", "wrote plugin.yaml\n"]);
  const nowhere = await command(["config", "wasmplugin", ...IMAGE, "-o", "absent/plugin.yaml"], {
    cwd: folder,
  });
  expect([nowhere.code, nowhere.err]).toEqual([
    2,
    expect.stringContaining("cannot write absent/plugin.yaml"),
  ]);
});

test("capabilities stand where the version of Envoy looks for them", async () => {
  const text = (version: string): Promise<string> =>
    config("envoy", "--wasm", "a.wasm", "--capabilities", "proxy_log", "--envoy-version", version);
  const indent = (yaml: string): number =>
    /^( *)capability_restriction_config/m.exec(yaml)?.[1]?.length ?? -1;
  expect(indent(await text("1.40.0"))).toBe(indent(await text("1.39.3")) + 2);
});
