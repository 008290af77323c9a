// `npm run bench:host`: how many request and response walks a second the embedded host makes, for the hello example.
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";

import { buildExample } from "../scripts/examples.mjs";
import { setUp } from "../scripts/setup.mjs";

const WALKS = 20_000;
const ROUNDS = 7;

setUp();
if (!buildExample("hello")) process.exit(1);
const { createHost } = await import("../dist/testing/index.js");
const wasm = fileURLToPath(new URL("../examples/hello/build/hello.wasm", import.meta.url));
const host = await createHost({ wasm });

/** Walks a second of CPU time and of wall time in one round. */
async function round() {
  const cpu = process.cpuUsage();
  const started = performance.now();
  for (let i = 0; i < WALKS; i++) await host.request();
  const wall = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { cpu: (WALKS * 1e6) / (user + system), wall: WALKS / wall };
}

await round(); // warm-up
const rounds = [];
for (let i = 0; i < ROUNDS; i++) rounds.push(await round());
console.log(
  `${cpus()[0]?.model ?? "unknown CPU"}, Node ${process.versions.node}, ${ROUNDS} rounds of ${WALKS} walks`,
);
for (const kind of ["cpu", "wall"]) {
  const sorted = rounds.map((each) => Math.round(each[kind])).sort((a, b) => a - b);
  console.log(
    `walks per second of ${kind} time: median ${sorted[ROUNDS >> 1]}, from ${sorted[0]} to ${sorted.at(-1)}`,
  );
}
