// The table of the ABI: nothing is missing, and every row is true.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

import { GUEST_EXPORTS } from "../../src/host/export-table.ts";
import { ENV_IMPORTS } from "../../src/host/import-table.ts";
import { cases } from "../parity/cases/index.ts";
import { repository } from "../support/asc.ts";

/**
 * What other parts of the library are about to bring, and so has no row yet. A name with a row must not stand here.
 * The last one to bring something leaves it empty.
 */
const AWAITED: readonly string[] = [
  ...["proxy_get_status", "proxy_http_call", "proxy_on_http_call_response"],
  ...["proxy_grpc_call", "proxy_grpc_stream", "proxy_grpc_send", "proxy_grpc_cancel", "proxy_grpc_close"],
  ...["proxy_on_grpc_receive_initial_metadata", "proxy_on_grpc_receive"],
  ...["proxy_on_grpc_receive_trailing_metadata", "proxy_on_grpc_close"],
  ...["proxy_define_metric", "proxy_increment_metric", "proxy_record_metric", "proxy_get_metric"],
  ...["proxy_get_shared_data", "proxy_set_shared_data", "proxy_register_shared_queue"],
  ...["proxy_resolve_shared_queue", "proxy_enqueue_shared_queue", "proxy_dequeue_shared_queue"],
  ...["proxy_on_queue_ready", "proxy_call_foreign_function"],
];

/** Lets of WASI only what the library uses be asked for. */
const WASI = ["clock_time_get", "random_get", "environ_sizes_get", "environ_get"];

const read = (path: string): string => readFileSync(join(repository, path), "utf8");
const page = read("docs/abi.md");

function table(heading: string): string[][] {
  const [, section = ""] = page.split(`\n## ${heading}\n`);
  return (section.split("\n## ")[0] ?? "")
    .split("\n")
    .filter((line) => line.startsWith("| `"))
    .map((line) => line.split("|").slice(1, -1))
    .map((cells) => cells.map((cell) => cell.trim()));
}

interface Row {
  name: string;
  member: string;
  file: string;
  embedded: string;
  envoy: string;
}

const rows: Row[] = ["Host functions", "Callbacks"].flatMap(table).map((cells) => {
  const [name = "", member = "", file = "", embedded = "", envoy = ""] = cells;
  const bare = (cell: string): string => cell.replaceAll("`", "");
  return { name: bare(name), member: bare(member), file: bare(file), embedded, envoy };
});
const leftOut = table("Left out on purpose").map(([name = ""]) => name.replaceAll("`", ""));

/** Every function and callback that there is. */
const all = [
  ...Object.keys(ENV_IMPORTS).filter((name) => /^(?:proxy|envoy)_/.test(name)),
  ...WASI,
  ...Object.keys(GUEST_EXPORTS).filter((name) => /^(?:proxy|envoy)_/.test(name)),
];

test("every function and callback has a row, is left out on purpose, or is awaited", () => {
  const known = new Set([...rows.map(({ name }) => name), ...leftOut, ...AWAITED]);
  expect(all.filter((name) => !known.has(name))).toEqual([]);
  expect([...known].filter((name) => !all.includes(name))).toEqual([]);
});

test("what has a row is neither left out nor awaited", () => {
  const named = rows.map(({ name }) => name);
  expect([...leftOut, ...AWAITED].filter((name) => named.includes(name))).toEqual([]);
});

test("the library declares no host function, and exports no callback, that has no row", () => {
  const declared = ["imports", "wasi"].flatMap((file) =>
    [...read(`assembly/abi/${file}.ts`).matchAll(/declare function (\w+)/g)].map(([, name = ""]) => name),
  );
  const exported = [...read("assembly/exports.ts").matchAll(/export function ((?:proxy|envoy)_on_\w+)/g)];
  const known = new Set([...rows.map(({ name }) => name), ...AWAITED]);
  const names = [...declared, ...exported.map(([, name = ""]) => name)];
  expect(names.length).toBeGreaterThan(50);
  expect(names.filter((name) => !known.has(name))).toEqual([]);
});

/** Whether a file has a test of that title; the cases of the parity table have their titles in the table. */
function hasTest(file: string, title: string): boolean {
  if (/parity|embedded/.test(file) && cases.some(({ name }) => name === title)) return true;
  return read(file).includes(`test("${title}"`) || read(file).includes(`test('${title}'`);
}

describe.each(rows)("$name: $member", ({ member, file, embedded, envoy }) => {
  test("is in its file", () => {
    const path = `assembly/${file}`;
    expect(existsSync(join(repository, path)), path).toBe(true);
    const name = member.split(".").at(-1) ?? "";
    expect(read(path)).toMatch(new RegExp(`\\b${name}\\b\\s*(?:<[^>]*>)?[(:]|get ${name}\\(`));
  });

  test.each([
    ["on the embedded host", embedded, /^(?:tests|examples)\//],
    ["on Envoy", envoy, /^e2e\//],
  ])("is tested %s", (_, cell, folder) => {
    const [, path = "", title = ""] = /^`([^`]+)`: (.+)$/.exec(cell) ?? [];
    expect(path).toMatch(folder);
    expect(existsSync(join(repository, path)), path).toBe(true);
    expect(hasTest(path, title), `${path} has no test "${title}"`).toBe(true);
  });
});
