// What can be read in which callback, and what happens at start (envoy-facts 1 and 2.2).
import { prop } from "../script.ts";
import type { ParityCase } from "../case.ts";
import type { Instruction } from "../script.ts";

const here: readonly Instruction[] = [["here"]];
/** Reads one of everything. */
const look: readonly Instruction[] = [
  ["here"],
  ["get", 0, ":path"],
  ["get", 1, "x-sum"],
  ["get", 2, ":status"],
  ["get", 3, "x-sum"],
  ["body", 0],
  ["body", 1],
  prop("request.path"),
  prop("request.method"),
  prop("request.protocol"),
  prop("response.code", "u"),
  prop("response.code_details"),
  ["prop", "seen"],
];
const trailers = [["x-sum", "1"]] as const;

export const availability: readonly ParityCase[] = [
  {
    name: "what can be read in each callback when all of them continue",
    stands: "envoy-facts 2.2, field report 23",
    script: {
      request_headers: [["setprop", "seen", "yes"], ...look],
      request_body: [["nth", 1], ...look],
      request_trailers: look,
      response_headers: look,
      response_body: [["nth", 1], ...look],
      response_trailers: look,
      log: look,
      done: look,
      delete: look,
    },
    http: { method: "POST", path: "/p", body: ["ab"], trailers },
    upstream: { body: ["cd"], trailers: [["x-sum", "2"]] },
    expect: { client: { status: 200 } },
  },
  {
    name: "what can be read in each callback when the first ones hold (allow_on_headers_stop_iteration)",
    stands: "envoy-facts 2.2",
    filters: [{ allowOnHeadersStopIteration: true }],
    script: {
      request_headers: [["return", 1]],
      request_body: [["nth", 1], ...look, ["return", 1]],
      request_trailers: look,
      response_headers: [["return", 1]],
      response_body: [["nth", 1], ...look, ["return", 1]],
      response_trailers: look,
    },
    http: { method: "POST", path: "/p", body: ["ab"], trailers },
    upstream: { body: ["cd"], trailers: [["x-sum", "2"]] },
    expect: { client: { status: 200 }, upstream: { body: "ab" } },
  },
  {
    name: "trailers are made by writing them in the last body callback",
    stands: "envoy-facts 2.2, field report 41",
    script: {
      request_body: [
        ["eos", 0],
        ["add", 1, "x-early", "1"],
      ],
      response_body: [
        ["eos", 1],
        ["get", 3, "x-made"],
        ["add", 3, "x-made", "here"],
        ["get", 3, "x-made"],
      ],
      response_trailers: here,
    },
    http: { method: "POST", body: "abc" },
    upstream: { body: ["ab", "c"] },
    expect: { client: { body: "abc", trailers: { "x-made": "here" } } },
  },
  {
    name: "request trailers are made in the last body callback too",
    stands: "envoy-facts 2.2",
    script: {
      request_body: [
        ["eos", 1],
        ["add", 1, "x-made", "here"],
      ],
      request_trailers: here,
    },
    http: { method: "POST", body: ["abc"] },
    expect: { upstream: { body: "abc", trailers: { "x-made": "here" } } },
  },
  {
    name: "start: the root is created, vm_start and configure get the size of what they can read",
    stands: "envoy-facts 1.4",
    filters: [
      {
        vmConfig: {
          vm_start: [
            ["here"],
            ["body", 7],
            ["len", 6],
            prop("plugin_name"),
            prop("plugin_root_id"),
            prop("plugin_vm_id"),
          ],
        },
        config: { create_root: here, configure: [["here"], ["len", 7], ["len", 6], ["level"]] },
        name: "starter",
        rootId: "starter-root",
        vmId: "starter-vm",
      },
    ],
    start: true,
  },
  {
    name: "start: configure that answers 0 refuses the plugin",
    stands: "envoy-facts 1.4",
    filters: [{ config: { configure: [["return", 0]] } }],
    expect: { refused: true },
  },
  {
    name: "start: vm_start that traps refuses the plugin, FAIL_OPEN or not",
    stands: "envoy-facts 1.4, 12",
    filters: [{ vmConfig: { vm_start: [["trap"]] }, failurePolicy: "FAIL_OPEN" }],
    expect: { refused: true },
  },
];
