// Shared data, queues and metrics (envoy-facts 9).
import type { ParityCase } from "../case.ts";
import type { Instruction } from "../script.ts";

const ok = { client: { status: 200 } } as const;

export const shared: readonly ParityCase[] = [
  {
    name: "shared data: missing, set, get, cas, empty",
    stands: "envoy-facts 9",
    script: {
      request_headers: [
        ["dget", "sd-a"],
        ["dset", "sd-a", "one", 99],
        ["dget", "sd-a"],
        ["dset", "sd-a", "two", 0],
        ["dget", "sd-a"],
        ["dset", "sd-a", "wrong", 9999],
        ["dget", "sd-a"],
        ["dset", "sd-a", "right", "last"],
        ["dget", "sd-a"],
        ["dset", "sd-a", "", 0],
        ["dget", "sd-a"],
        ["dset", "", "empty key", 0],
        ["dget", ""],
      ],
    },
    expect: {
      ...ok,
      logs: [
        "dget sd-a = 1 (untouched)",
        "dset sd-a = 0",
        "dget sd-a = 0 one",
        "dset sd-a = 0",
        "dget sd-a = 0 two",
        "dset sd-a = 8",
        "dget sd-a = 0 two",
        "dset sd-a = 0",
        "dget sd-a = 0 right",
        "dset sd-a = 0",
        "dget sd-a = 0",
        "dset  = 0",
        "dget  = 0 empty key",
      ],
    },
  },
  {
    name: "shared data belongs to a vm_id",
    stands: "envoy-facts 9",
    filters: [
      { name: "sd1", vmId: "sd-common", config: { request_headers: [["dset", "k", "v"]] } },
      {
        name: "sd2",
        vmId: "sd-common",
        vmConfig: "another VM",
        config: { request_headers: [["dget", "k"]] },
      },
      { name: "sd3", vmId: "sd-other", config: { request_headers: [["dget", "k"]] } },
    ],
    expect: { ...ok, logs: ["sd1: dset k = 0", "sd2: dget k = 0 v", "sd3: dget k = 1 (untouched)"] },
  },
  {
    name: "queues: register, resolve, enqueue, dequeue; the registrant is told of each item",
    stands: "envoy-facts 9",
    fresh: true,
    script: {
      request_headers: [
        ["qres", "", "q1"],
        ["qreg", "q1"],
        ["qres", "", "q1"],
        ["qres", "no-such-vm", "q1"],
        ["deq", "q1"],
        ["enq", "q1", "a"],
        ["enq", "q1", ""],
        ["enq", "12345", "x"],
        ["deq", "12345"],
      ],
      queue_ready: [["here"], ["deq", "q1"]],
    },
    expect: {
      ...ok,
      logs: [
        "qres  = 1",
        "qreg q1 = 0",
        "qres  = 0",
        "qres no-such-vm = 1",
        "deq q1 = 7 (untouched)",
        "enq q1 = 0",
        "enq q1 = 0",
        "enq 12345 = 1",
        "deq 12345 = 1 (untouched)",
        "queue_ready",
        "deq q1 = 0 a",
        "queue_ready",
        "deq q1 = 0",
      ],
    },
  },
  {
    name: "counters",
    stands: "envoy-facts 9",
    script: {
      request_headers: [
        ["mdef", 0, "m_counter"],
        ["minc", "m_counter", 3],
        ["minc", "m_counter", 0],
        ["minc", "m_counter", -1],
        ["mrec", "m_counter", 4],
        ["mget", "m_counter"],
      ],
    },
    expect: {
      ...ok,
      logs: [
        "mdef 0 = 0",
        "minc m_counter = 0",
        "minc m_counter = 2",
        "minc m_counter = 2",
        "mrec m_counter = 0",
        "mget m_counter = 0 7",
      ],
      metrics: { m_counter: 7 },
    },
  },
  {
    name: "gauges",
    stands: "envoy-facts 9",
    script: {
      request_headers: [
        ["mdef", 1, "m_gauge"],
        ["mrec", "m_gauge", 10],
        ["minc", "m_gauge", -3],
        ["minc", "m_gauge", 0],
        ["mget", "m_gauge"],
        ["mdef", 1, "m_under"],
        ["minc", "m_under", -1],
        ["mget", "m_under"],
      ],
    },
    expect: { ...ok, metrics: { m_gauge: 7 } },
  },
  {
    name: "histograms, unknown ids and unknown types",
    stands: "envoy-facts 9",
    script: {
      request_headers: [
        ["mdef", 2, "m_histogram"],
        ["mrec", "m_histogram", 5],
        ["minc", "m_histogram", 1],
        ["mget", "m_histogram"],
        ["mdef", 3, "m_none"],
        ...[4000, 4001, 4002, 4003].flatMap((id): Instruction[] => [
          ["minc", id, 1],
          ["mrec", id, 1],
          ["mget", id],
        ]),
      ],
    },
    expect: ok,
  },
  {
    name: "defined twice, a metric is one stat",
    stands: "envoy-facts 9",
    script: {
      request_headers: [
        ["mdef", 0, "m_twice"],
        ["minc", "m_twice", 1],
        ["mdef", 0, "m_twice"],
        ["minc", "m_twice", 1],
        ["mget", "m_twice"],
      ],
    },
    expect: { ...ok, metrics: { m_twice: 2 } },
  },
];
