// Traps and failure policies (envoy-facts 12), capability restriction (13).
import { prop } from "../script.ts";
import type { Filter, ParityCase } from "../case.ts";
import type { Script } from "../script.ts";

const trap: Script = { request_headers: [["trap"]] };
const policies = ["FAIL_CLOSED", "FAIL_OPEN", "FAIL_RELOAD"] as const;

/** A case that kills its VM. */
function killing(name: string, script: Script, more: Partial<ParityCase> = {}): ParityCase {
  const scripted = Object.keys(script).length > 0 ? { script } : {};
  return { name, stands: "envoy-facts 12", ...scripted, fresh: true, endless: true, ...more };
}

const withPolicy = (failurePolicy: (typeof policies)[number], more: Filter = {}): readonly Filter[] => [
  { failurePolicy, ...more },
];

export const failures: readonly ParityCase[] = [
  ...policies.map((policy) =>
    killing(`a trap in request headers under ${policy}: 503, and then what the policy says`, trap, {
      filters: withPolicy(policy, { reloadBackoff: 100 }),
      again: [{ after: 0 }, { after: 300 }],
      expect: {
        client: { status: 503, body: "" },
        upstream: null,
        logs: ["[error] Function: proxy_on_request_headers failed: Uncaught RuntimeError: unreachable"],
      },
    }),
  ),
  killing(
    "a trap in a request body",
    { request_body: [["trap"]] },
    { http: { method: "POST", body: ["ab", "cd"] }, expect: { client: { status: 503 } } },
  ),
  killing(
    "a trap in response headers",
    { response_headers: [["trap"]] },
    { expect: { client: { status: 503, body: "" } } },
  ),
  killing(
    "a trap in a response body, when the headers have left",
    { response_body: [["trap"]] },
    { upstream: { body: ["ab", "cd"] }, expect: { client: { status: 200, cut: true } } },
  ),
  killing(
    "a trap in the log leaves the answer alone",
    { log: [["trap"]] },
    { again: [{ after: 0 }], expect: { client: { status: 200, body: "hello" }, again: [{ status: 503 }] } },
  ),
  killing(
    "a trap in done leaves the answer alone",
    { done: [["trap"]] },
    { again: [{ after: 0 }], expect: { client: { status: 200 }, again: [{ status: 503 }] } },
  ),
  killing(
    "a trap after a local response in the same callback: the trap's 503",
    { request_headers: [["reply", 403, "no"], ["trap"]] },
    { expect: { client: { status: 503, body: "" } } },
  ),
  killing(
    "a trap when the context is created",
    {},
    { filters: [{ config: { create: [["trap"]] } }], expect: { client: { status: 503 } } },
  ),
  killing(
    "a trap in a tick while a request is held: it hangs until the idle timeout",
    {
      request_headers: [
        ["tick", 40],
        ["return", 4],
      ],
      tick: [["trap"]],
      response_headers: [["here"]],
    },
    {
      streamIdleTimeout: 200,
      upstream: "never",
      advance: 300,
    },
  ),
  killing(
    "a trap in a callout callback while the request is held",
    {
      request_headers: [
        ["call", "auth", 1000, "", ":method=GET", ":path=/", ":authority=a"],
        ["return", 4],
      ],
      http_call_response: [["trap"]],
    },
    {
      streamIdleTimeout: 200,
      upstream: "never",
      advance: 300,
    },
  ),
  killing(
    "a trap in a tick while the response is held",
    {
      response_headers: [
        ["tick", 40],
        ["return", 4],
      ],
      tick: [["trap"]],
    },
    {
      streamIdleTimeout: 200,
      advance: 300,
    },
  ),
  killing(
    "a stack that overflows is a trap",
    { request_headers: [["recurse"]] },
    { expect: { client: { status: 503 } } },
  ),
  killing(
    "of two filters in VMs of their own only the one that traps is dead",
    {},
    {
      filters: [
        {
          name: "good",
          config: { request_headers: [["here"]], response_headers: [["here"]], log: [["here"]] },
        },
        { name: "bad", config: { request_headers: [["trap"]] } },
      ],
      expect: { client: { status: 503 } },
    },
  ),
  killing(
    "of two filters in one VM both are dead",
    {},
    {
      filters: [
        {
          name: "both-good",
          vmId: "both",
          config: { request_headers: [["here"]], response_headers: [["here"]], log: [["here"]] },
        },
        { name: "both-bad", vmId: "both", config: { request_headers: [["trap"]] } },
      ],
      expect: { client: { status: 503 } },
    },
  ),
  {
    name: "proc_exit comes back",
    stands: "envoy-facts 1.2, 12",
    script: { request_headers: [["exit"], ["here"]] },
    expect: { client: { status: 200 }, logs: ["request_headers 7 1"] },
  },
  {
    name: "capabilities: what is not on the list answers InternalFailure or is not called",
    stands: "envoy-facts 13",
    filters: [
      {
        capabilities: [
          ...[
            "proxy_log",
            "proxy_on_context_create",
            "proxy_on_vm_start",
            "proxy_on_configure",
            "proxy_on_delete",
          ],
          ...["proxy_on_request_headers", "proxy_get_header_map_value", "proxy_get_buffer_bytes"],
        ],
      },
    ],
    script: {
      request_headers: [
        ["get", 0, ":path"],
        ["add", 0, "x-a", "1"],
        prop("request.path"),
        ["write", 1, "x"],
        ["level"],
        ["continue", 0],
        ["reply", 403, "no"],
      ],
      response_headers: [["here"]],
      log: [["here"]],
      done: [["here"]],
    },
    expect: { client: { status: 200 }, upstream: { headers: { "x-a": null } } },
  },
];
