// The fuzzer finds what it is for: with one check of the guest library taken out, a bounded run fails.
import { describe, expect, test } from "vitest";

import { fuzz, loadGuest, planSession, runSession } from "../../src/hostile/index.ts";
import { loadVariant, VARIANTS } from "./guests.mjs";
import type { Change } from "./guests.mjs";
import type { FailureKind } from "../../src/hostile/index.ts";

interface Mutation {
  what: string;
  change: Change;
  /** How it may show. */
  kinds: FailureKind[];
  variant?: string;
  /** For what shows seldom. */
  sessions?: number;
}

const MUTATIONS: Mutation[] = [
  {
    what: "a result may be longer than its block",
    change: { file: "memory.ts", from: "length <= size && ", to: "" },
    kinds: ["read", "trap"],
  },
  {
    what: "a result may lie anywhere",
    change: { file: "memory.ts", from: " && (!length || load<usize>(out) == block)", to: "" },
    kinds: ["read"],
  },
  {
    what: "a request for memory that fails keeps the block before it",
    change: {
      file: "memory.ts",
      from: "block = adopting || size > RETURN_SIZE ? borrow(size) : returned;\n  blockSize = block ? size : 0;\n  return block;",
      to: "const next = adopting || size > RETURN_SIZE ? borrow(size) : returned;\n  if (next) {\n    block = next;\n    blockSize = size;\n  }\n  return next;",
    },
    kinds: ["read", "trap"],
  },
  {
    what: "what a read within a read was given is there for the outer one",
    change: {
      file: "memory.ts",
      from: "and not for one around it.\n  blockSize = 0;",
      to: "and not for one around it.",
    },
    kinds: ["read"],
  },
  {
    what: "memory is given where nothing is read",
    change: { file: "memory.ts", from: "  if (!reading) return 0;\n", to: "" },
    kinds: ["allocator"],
  },
  {
    what: "nothing is ever collected",
    change: { file: "collector.ts", from: "if (due) collect();", to: "{}" },
    kinds: ["memory"],
  },
  {
    what: "large results stay in memory",
    change: { file: "memory.ts", from: "borrowed.length = 0;", to: "{}" },
    kinds: ["memory"],
    variant: "incremental",
  },
  {
    what: "memory is taken for endless",
    change: { file: "allocate.ts", from: "return tryAllocate(size, id);", to: "return newObject(size, id);" },
    kinds: ["trap", "allocator"],
    variant: "tight",
  },
  {
    what: "memory is taken for endless by asc's runtime",
    change: { file: "allocate.ts", from: "size > SMALL && ", to: "false && " },
    kinds: ["trap", "allocator"],
    variant: "tight, minimal",
  },
  {
    what: "lengths of header pairs are believed",
    change: { file: "header-list.ts", from: "      if (needed > room) break;\n", to: "" },
    kinds: ["read", "trap"],
  },
  {
    what: "a decoder reads on for the rest of a character",
    change: {
      file: "utf8.ts",
      from: "source < end ? <u32>load<u8>(source) : 0",
      to: "<u32>load<u8>(source)",
    },
    kinds: ["read"],
  },
  {
    what: "callbacks are not checked for unknown ids",
    change: {
      file: "http-dispatcher.ts",
      from: "const stream = http(contextId);\n  if (isMissing(stream)) return 0;\n  const outer = begin(contextId, Phase.RequestHeaders);",
      to: "const stream = http(contextId);\n  const outer = begin(contextId, Phase.RequestHeaders);",
    },
    kinds: ["trap", "context"],
  },
  {
    what: "a context is found by its bucket alone",
    change: {
      file: "context-table.ts",
      from: "context != null && context.contextId != id",
      to: "context != null && false",
    },
    kinds: ["context"],
  },
  {
    what: "a buffer of no bytes is taken where nothing was given",
    change: {
      file: "memory.ts",
      from: "length ? shortenObject(block, length) : newObject(0, idof<ArrayBuffer>())",
      to: "shortenObject(block, length)",
    },
    kinds: ["trap", "read", "allocator"],
  },
  {
    what: "what is small is refused once memory has grown to its limit",
    change: { file: "allocate.ts", from: "size > SMALL && ", to: "" },
    kinds: ["read", "request"],
    variant: "tight, minimal",
  },
  {
    what: "a collector may take a block that the host still writes to",
    change: { file: "memory.ts", from: "borrowed.push(changetype<ArrayBuffer>(object));", to: "{}" },
    kinds: ["read", "leak", "trap"],
    variant: "incremental",
  },
  {
    what: "arguments run over the end of their area",
    change: { file: "memory.ts", from: "target + units * 3 > scratch + SCRATCH_SIZE", to: "false" },
    kinds: ["pointer", "leak", "read", "trap"],
  },
  {
    what: "the count of header pairs is believed",
    change: {
      file: "header-list.ts",
      from: "    if (<usize>count > (end - at) >> 3) count = 0;\n",
      to: "",
    },
    kinds: ["read", "trap"],
  },
  {
    what: "environment variables may lie anywhere",
    change: { file: "process.ts", from: "    if (at < start || at >= end) continue;\n", to: "" },
    kinds: ["read", "trap"],
    sessions: 1000,
  },
  {
    what: "a context that a host creates within a constructor takes the outer one's id",
    change: { file: "dispatcher.ts", from: "setCreatingId(outerCreatingId)", to: "setCreatingId(0)" },
    kinds: ["context"],
  },
  {
    what: "a context can be created twice at once",
    change: {
      file: "dispatcher.ts",
      from: "context != null && findContext(contextId) == null",
      to: "context != null",
    },
    kinds: ["context", "request"],
  },
  {
    what: "a callback may reach a context of another kind",
    change: {
      file: "dispatcher.ts",
      from: "context instanceof RootContext ? changetype<RootContext>(context) : null",
      to: "true ? changetype<RootContext>(context) : null",
    },
    kinds: ["context", "trap", "request", "read"],
  },
];

/** Sessions that must do; what grows shows in one long one. */
const MOST_SESSIONS = 200;
const MOST_ROUNDS = 400;

/** Builds the guest with the change, and looks for a failure that can be repeated. */
async function finding({
  change,
  kinds,
  variant,
  sessions: most = MOST_SESSIONS,
}: Mutation): Promise<FailureKind | undefined> {
  const whole = VARIANTS.find(({ name }) => name === (variant ?? "roots"))!;
  const changes = [...(whole.build?.changes ?? []), change];
  const mostPages = kinds.includes("memory") ? 16 : 128;
  const mutant = { ...whole, mostPages, build: { ...whole.build, changes, target: "quick" as const } };
  const loaded = await loadVariant(mutant, loadGuest);
  if (kinds.includes("memory")) {
    const plan = { ...planSession(1, MOST_ROUNDS), refusesRandom: false };
    return runSession(loaded, plan, {}).failure?.kind;
  }
  const { finding } = fuzz([loaded], 1, ({ sessions }) => sessions < most);
  if (finding === null) return undefined;
  expect(finding.trace.length).toBeGreaterThan(0);
  expect(finding.plan.steps.length).toBeLessThan(planSession(finding.seed).steps.length / 4);
  expect(runSession(loaded, finding.plan, {}).failure?.kind).toBe(finding.failure.kind);
  return finding.failure.kind;
}

describe("the fuzzer finds that", () => {
  test.concurrent.each(MUTATIONS)(
    "$what",
    async (mutation) => {
      expect(mutation.kinds).toContain(await finding(mutation));
    },
    120_000,
  );
});
