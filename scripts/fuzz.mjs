// `npm run fuzz`: runs the guest library under a host that lies, until time is up or something is found.
import { parseArgs } from "node:util";

import { loadVariant, VARIANTS } from "../tests/hostile/guests.mjs";
import { setUp } from "./setup.mjs";

const USAGE = `Usage: npm run fuzz -- [--minutes N] [--seed S]

  --minutes N  how long, 1 by default; 0 runs the seed once with each guest
  --seed S     where to begin, a whole number below 2^32; random by default`;

/** A number given on the command line; the process ends where it is none. */
function number(text, most) {
  const value = Number(text);
  if (text.trim() && value >= 0 && value <= most) return value;
  console.error(`${text} is no number from 0 to ${most}\n\n${USAGE}`);
  process.exit(2);
}

function options() {
  try {
    const { values } = parseArgs({ options: { minutes: { type: "string" }, seed: { type: "string" } } });
    return {
      minutes: number(values.minutes ?? "1", 1_000_000),
      seed: Math.floor(number(values.seed ?? String(Math.floor(Math.random() * 2 ** 32)), 2 ** 32 - 1)),
    };
  } catch (error) {
    console.error(`${error.message}\n\n${USAGE}`);
    process.exit(2);
  }
}

function summary({ seed, sessions, rounds, counts, pages, finding }) {
  const calls = Object.values(counts).reduce((sum, count) => sum + count, 0);
  return `seed ${seed}: ${sessions} sessions, ${rounds} rounds, ${calls} calls, at most ${pages} pages, ${finding ? 1 : 0} failures`;
}

const { minutes, seed } = options();
setUp();
// Only now is it sure to be there.
const { fuzz, loadGuest } = await import("../dist/hostile/index.js");
const guests = await Promise.all(VARIANTS.map((variant) => loadVariant(variant, loadGuest)));
console.log(`seed ${seed}, ${minutes} minutes, guests ${guests.map((guest) => guest.name).join(", ")}`);

const end = Date.now() + minutes * 60_000;
let next = Date.now() + 30_000;
const result = fuzz(guests, seed, (so) => {
  if (Date.now() > next) {
    console.log(summary(so));
    next = Date.now() + 30_000;
  }
  return so.sessions < guests.length || Date.now() < end;
});
if (result.finding) {
  const { guest, seed: found, failure, plan, trace } = result.finding;
  console.error(`\n${failure.kind}: ${failure.message}\n`);
  console.error(`guest ${guest}, seed ${found}, ${plan.steps.length} calls of the host:\n`);
  for (const line of trace) console.error(line);
  console.error(`\nAgain: npm run fuzz -- --minutes 0 --seed ${found}`);
  process.exitCode = 1;
}
console.log(summary(result));
