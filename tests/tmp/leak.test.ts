import { test } from "vitest";
import { buildFile } from "../support/asc.ts";
import { finish, startStub, type Answers } from "../guest/stub-host.ts";
import { seeded } from "../guest/random.ts";
const CYCLES = Number(process.env.CYCLES ?? 200000);
const RT = process.env.RT;
const options = RT === "minimal" ? { options: { use: ["PROXY_WASM_AS_MINIMAL_RUNTIME=1"] } } : RT === "incremental" ? { options: { runtime: "incremental" } } : {};
test.each([0, 100, 5000])("live %i", async (live) => {
  const random = seeded(7);
  const answers: Answers = {};
  const stub = await startStub(await buildFile("tests/guest/assembly/leak.ts", options), answers);
  const headers = [...Array(200)].map((_, i) => "v".repeat(i < 180 ? i : i * 30));
  const bodies = [...Array(100)].map((_, i) => new Uint8Array(i < 70 ? i * 20 : i < 98 ? i * 300 : 600_000).fill(65));
  const t0 = performance.now();
  const pages: number[] = [];
  const open: number[] = [];
  for (let id = 2; id < CYCLES + 2; id++) {
    answers.header = headers[random(200)]!;
    stub.call("proxy_on_context_create", id, 1);
    stub.call("proxy_on_request_headers", id, 3, 0);
    if (!random(10)) {
      answers.body = bodies[random(100)]!;
      stub.call("proxy_on_request_body", id, answers.body.length, 1);
    }
    stub.call("proxy_on_response_headers", id, 3, 1);
    open.push(id);
    if (open.length > live) {
      // Most end in order, some last long.
      const at = random(20) ? 0 : random(open.length);
      finish(stub, open[at]!);
      if (at === 0) open.shift(); else open.splice(at, 1);
    }
    if (id % Math.floor(CYCLES / 20) === 0) pages.push(stub.pages);
  }
  console.log(RT, live, Math.round(performance.now() - t0), "ms", pages.join(" "));
}, 1e9);
