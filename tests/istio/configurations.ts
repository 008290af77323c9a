// Command lines of `config` whose output must be right: the tests of schemas, of Envoy and of Istio's own code share them.

export const DIGEST = "0123456789abcdef".repeat(4);
const IMAGE = `registry.example.com:5000/team/filter:1.0.0@sha256:${DIGEST}`;
/** Text that a careless YAML writer gets wrong. */
const NASTY = "yes: no # 'on' \"off\"\n- {y: n}\t\\ \u{1f600} %";

/** A title, and the arguments after `config <kind>`. `MODULE` stands for the path of a module. */
export type Configuration = readonly [title: string, args: readonly string[]];

const COMMON: readonly Configuration[] = [
  ["a root id and an object", ["--root-id", "n", "--configuration", '{"greeting":"no","on":[1,true,null]}']],
  ["each failure policy: closed", ["--failure-policy", "closed"]],
  ["each failure policy: open", ["--failure-policy", "open"]],
  ["each failure policy: reload", ["--failure-policy", "reload"]],
  ["an environment", ["--env", "MODE=on", "--env", "EMPTY=", "--env", "HOME", "--env", "y=n"]],
  ["TCP", ["--tcp"]],
];

/** Of Istio's own two kinds. */
export const PLUGINS: readonly Configuration[] = [
  ["a file", ["--wasm", "/opt/filter.wasm"]],
  ["a URL", ["--wasm", "https://example.com/a%20b/filter.wasm?x=1", "--sha256", DIGEST]],
  ["an image by its tag", ["--image", "ghcr.io/team/filter:1.0.0"]],
  ["an image by its digest", ["--image", `oci://${IMAGE}`]],
  [
    "an image with the digest apart",
    ["--image", "ghcr.io/team/filter:1.0.0", "--sha256", `sha256:${DIGEST}`],
  ],
  [
    "everything",
    [
      ...["--image", IMAGE, "--name", "my-filter", "--namespace", "istio-system", "--phase", "authn"],
      ...[
        "--priority",
        "-10",
        "--selector",
        "istio=ingressgateway,app.kubernetes.io/name=y",
        "--root-id",
        NASTY,
      ],
      ...[
        "--pull-secret",
        "registry-login",
        "--failure-policy",
        "reload",
        "--env",
        `NASTY=${NASTY}`,
        "--env",
        "HOME",
      ],
      ...[
        "--configuration",
        JSON.stringify({ [NASTY]: NASTY, on: { n: [1.5, -2e-7, "1.0", ""] }, null: null }),
      ],
    ],
  ],
  ["phase authz", ["--image", IMAGE, "--phase", "authz"]],
  ["phase stats", ["--image", IMAGE, "--phase", "stats", "--priority", "0"]],
  ...COMMON.map(([title, args]): Configuration => [title, ["--image", IMAGE, ...args]]),
];

/** Of EnvoyFilter. */
export const ENVOY_FILTERS: readonly Configuration[] = [
  ["a file", ["--wasm", "/opt/filter.wasm"]],
  ["a URL", ["--wasm", "https://example.com/filter.wasm", "--sha256", DIGEST]],
  ["an image", ["--image", IMAGE, "--namespace", "web", "--selector", "app=web", "--root-id", "r"]],
  ["phase authn", ["--image", IMAGE, "--phase", "authn", "--priority", "7"]],
  ["any text", ["--wasm", "/opt/filter.wasm", "--configuration", NASTY, "--root-id", NASTY]],
  ["what the others lack", ["--wasm", "/opt/filter.wasm", "--allow-on-headers-stop-iteration"]],
  ["capabilities", ["--wasm", "/opt/filter.wasm", "--capabilities", "proxy_log,proxy_on_configure,fd_write"]],
  ...COMMON.map(([title, args]): Configuration => [title, ["--wasm", "/opt/filter.wasm", ...args]]),
];

/** Of Envoy. */
export const ENVOYS: readonly Configuration[] = [
  ["a file", ["--wasm", "MODULE"]],
  ["any text", ["--wasm", "MODULE", "--configuration", NASTY, "--name", "n", "--env", `NASTY=${NASTY}`]],
  ["what Istio lacks", ["--wasm", "MODULE", "--allow-on-headers-stop-iteration"]],
  [
    "a module, an upstream by its name and with TLS",
    ["--wasm", "MODULE", "--upstream", "https://localhost:8443", "--root-id", "y"],
  ],
  ...COMMON.map(([title, args]): Configuration => [title, ["--wasm", "MODULE", ...args]]),
];
