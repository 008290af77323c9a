// Streams of assembly/leak.ts by the hundred thousand, with headers and bodies of random sizes.
import { seeded } from "./random.ts";
import { finish, startStub, type Answers } from "./stub-host.ts";

export interface Streams {
  readonly cycles: number;
  /** How many streams are open all the time. */
  readonly live: number;
}

const HEADERS = Array.from({ length: 200 }, (_, i) => "v".repeat(i < 180 ? i : i * 30));
const BODIES = Array.from({ length: 100 }, (_, i) =>
  new Uint8Array(i < 70 ? i * 20 : i < 98 ? i * 300 : 600_000).fill(65),
);

/** Runs them; returns the pages of linear memory at twenty points on the way. */
export async function runStreams(wasm: string, { cycles, live }: Streams): Promise<number[]> {
  const random = seeded(7);
  const answers: Answers = {};
  const stub = await startStub(wasm, answers);
  const pages: number[] = [];
  const open: number[] = [];
  for (let cycle = 1; cycle <= cycles; cycle++) {
    const id = cycle + 1;
    answers.header = HEADERS[random(HEADERS.length)]!;
    stub.call("proxy_on_context_create", id, 1);
    stub.call("proxy_on_request_headers", id, 3, 0);
    if (!random(10)) {
      answers.body = BODIES[random(BODIES.length)]!;
      stub.call("proxy_on_request_body", id, answers.body.length, 1);
    }
    stub.call("proxy_on_response_headers", id, 3, 1);
    open.push(id);
    if (open.length > live) {
      // Most end in their order, some last long.
      const at = random(20) ? 0 : random(open.length);
      finish(stub, open[at]!);
      open.splice(at, 1);
    }
    if (cycle % Math.floor(cycles / 20) === 0) pages.push(stub.pages);
  }
  return pages;
}
