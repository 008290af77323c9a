// Index checks go where a loop has made them already, and nowhere else: what is outside an array still traps.
import { describe, expect, test } from "vitest";

import { compile, withFilter } from "./compile.ts";

const BASE = `class A extends HttpContext {}
registerHttpContext<A>();
`;

/** Of asc's own message, as it stands in a module. */
const MESSAGE = Buffer.from("Index out of range", "utf16le");

interface Built {
  /** The module can fail because of an index. */
  readonly checks: boolean;
  /** Its function `run`. */
  readonly run: (argument: number) => number;
}

async function build(text: string, files: Record<string, string> = {}): Promise<Built> {
  const sources = { "assembly/index.ts": withFilter(BASE + text), ...files };
  const { wasm, messages } = await compile(sources, { release: true });
  expect(messages.filter(({ severity }) => severity === "error")).toEqual([]);
  const bytes = wasm ?? new Uint8Array();
  const module = await WebAssembly.compile(bytes);
  const imports: Record<string, Record<string, () => number>> = {};
  for (const { module: from, name } of WebAssembly.Module.imports(module))
    (imports[from] ??= {})[name] = () => 0;
  const { exports } = await WebAssembly.instantiate(module, imports);
  (exports["_initialize"] as () => void)();
  return { checks: Buffer.from(bytes).includes(MESSAGE), run: exports["run"] as Built["run"] };
}

const run = (body: string): string => `export function run(n: i32): i32 {\n${body}\n}`;
/** An array of `n` bytes: 1, 2, 3 and so on. */
const FILLED = `const a = new Uint8Array(n);
for (let i = 0; i < a.length; i++) a[i] = <u8>(i + 1);`;

/** Functions whose accesses are all proven, and what they answer for 5. */
const PROVEN: readonly (readonly [name: string, text: string, answer: number])[] = [
  ["reading", run(`${FILLED}\nlet s = 0; for (let i = 0; i < a.length; i++) s += a[i]; return s;`), 15],
  [
    "++i and a type",
    run(`${FILLED}\nlet s = 0; for (let i: i32 = 1; i < a.length; ++i) s += a[i]; return s;`),
    14,
  ],
  [
    "a larger step",
    run(`${FILLED}\nlet s = 0; for (let i = 0; i < a.length; i += 2) s += a[i]; return s;`),
    9,
  ],
  [
    "an unsigned counter",
    run(
      `${FILLED}\nlet s = 0; for (let i: u32 = 0; i < <u32>5 && false; i++) {} for (let i = 0; i < a.length; i++) s += a[i]; return s;`,
    ),
    15,
  ],
  [
    "a length that was read before",
    run(`${FILLED}\nconst end = a.length; let s = 0; for (let i = 0; i < end; i++) s += a[i]; return s;`),
    15,
  ],
  [
    "more conditions, which access as well",
    run(
      `${FILLED}\nlet i: i32 = 9; for (let i = 0; i < a.length && a[i] != 3; i++) if (a[i] == 2) return a[i]; return i;`,
    ),
    2,
  ],
  [
    "assignments with an operator, and steps",
    run(
      `${FILLED}\nlet s = 0; for (let i = 0; i < a.length; i++) { a[i] += 2; a[i]++; ++a[i]; s += a[i]; } return s;`,
    ),
    35,
  ],
  [
    "a value from another array of the same loop",
    run(
      `${FILLED}\nlet s = 0; for (let i = 0; i < a.length; i++) { a[i] = a[i] ^ a[i]; s += a[i]; } return s;`,
    ),
    0,
  ],
  [
    "loops in loops",
    run(
      `${FILLED}\nconst b = new Int32Array(n); let s = 0;
for (let i = 0; i < a.length; i++) for (let j = 0; j < b.length; j++) { b[j] += a[i]; s = b[j]; } return s;`,
    ),
    15,
  ],
  [
    "a parameter",
    `function sum(a: Float64Array): f64 { let s = 0.0; for (let i = 0; i < a.length; i++) s += a[i]; return s; }
${run("return <i32>sum(new Float64Array(n));")}`,
    0,
  ],
  [
    "names that could be assigned to and are not",
    run(
      `let a = new Uint8Array(n); let end = a.length; let s = n; for (let i = 0; i < end; i++) s += a[i]; return s;`,
    ),
    5,
  ],
  [
    "a type that is written",
    run(
      `const a: Uint8Array = new Uint8Array(n); let s = n; for (let i = 0; i < a.length; i++) s += a[i]; return s;`,
    ),
    5,
  ],
];

describe("without a check", () => {
  test.each(PROVEN)("%s", async (_name, text, answer) => {
    const { checks, run } = await build(text);
    expect(checks).toBe(false);
    expect(run(5)).toBe(answer);
    expect(() => run(0)).not.toThrow();
  });

  test("the bytes of a body, in a method of the filter", async () => {
    const { wasm } = await compile(
      {
        "assembly/index.ts": withFilter(`class A extends HttpContext {
  override onRequestBody(size: u32, end: bool): FilterDataStatus {
    const body = this.requestBody.bytes(0, 9);
    for (let i = 0; i < body.length; i++) if (body[i] > 0x60) body[i] = body[i] - 0x20;
    this.requestBody.replaceBytes(body);
    return FilterDataStatus.Continue;
  }
}
registerHttpContext<A>();`),
      },
      { release: true },
    );
    expect(Buffer.from(wasm ?? []).includes(MESSAGE)).toBe(false);
  });
});

/** Functions that look alike and reach outside when they get 5. */
const OUTSIDE: readonly (readonly [name: string, text: string])[] = [
  ["<= for <", run(`${FILLED}\nlet s = 0; for (let i = 0; i <= a.length; i++) s += a[i]; return s;`)],
  [
    "a start below zero",
    run(`${FILLED}\nlet s = 0; for (let i = -1; i < a.length; i++) s += a[i]; return s;`),
  ],
  ["a step backwards", run(`${FILLED}\nlet s = 0; for (let i = 0; i < a.length; i--) s += a[i]; return s;`)],
  [
    "a step of another size",
    run(`${FILLED}\nlet s = 0; for (let i = 0; i < a.length; i += -n) s += a[i]; return s;`),
  ],
  [
    "a counter written in the body",
    run(`${FILLED}\nlet s = 0; for (let i = 0; i < a.length; i++) { i = i + 3; s += a[i]; } return s;`),
  ],
  [
    "a counter written in parentheses",
    run(`${FILLED}\nlet s = 0; for (let i = 0; i < a.length; i++) { (i) = 7; s += a[i]; } return s;`),
  ],
  [
    "a counter written in the condition",
    run(`${FILLED}\nlet s = 0; for (let i = 0; i < a.length && i++ < 99; i++) s += a[i]; return s;`),
  ],
  [
    "a counter written where the loop begins",
    run(`${FILLED}\nlet s = 0; for (let i = 0, j = (i = -4); i < a.length; i++) s += a[i] + j; return s;`),
  ],
  [
    "an array that is replaced before the loop, where a length is known",
    run(
      `let a = new Uint8Array(n); const end = a.length; a = new Uint8Array(1); let s = 0; for (let i = 0; i < end; i++) s += a[i]; return s;`,
    ),
  ],
  [
    "an array that is replaced",
    run(
      `let a = new Uint8Array(n); let s = 0; for (let i = 0; i < a.length; i++) { a = new Uint8Array(1); s += a[i + 1]; s += a[i]; } return s;`,
    ),
  ],
  [
    "a parameter that is replaced",
    `function sum(a: Uint8Array): i32 { let s = 0; for (let i = 0; i < a.length; i++) { a = new Uint8Array(0); s += a[i]; } return s; }
${run("return sum(new Uint8Array(n));")}`,
  ],
  [
    "another array",
    run(
      `${FILLED}\nconst b = new Uint8Array(2); let s = 0; for (let i = 0; i < a.length; i++) s += b[i]; return s;`,
    ),
  ],
  [
    "another array to the right of an assignment",
    run(`${FILLED}\nconst b = new Uint8Array(2); for (let i = 0; i < a.length; i++) a[i] = b[i]; return 0;`),
  ],
  [
    "another array as an argument to the right",
    run(
      `${FILLED}\nconst b = new Uint8Array(2); for (let i = 0; i < a.length; i++) a[i] = max<u8>(b[i], 1); return 0;`,
    ),
  ],
  ["another index", run(`${FILLED}\nlet s = 0; for (let i = 0; i < a.length; i++) s += a[i + 1]; return s;`)],
  ["after the loop", run(`${FILLED}\nlet k = 0; for (let i = 0; i < a.length; i++) k = i + 1; return a[k];`)],
  [
    "in the other branch of an or",
    run(`${FILLED}\nlet s = 0; for (let i = 0; i < a.length || i < 9; i++) s += a[i]; return s;`),
  ],
  [
    "a name that hides the array",
    run(
      `${FILLED}\nlet s = 0; for (let i = 0; i < a.length; i++) { const a = new Uint8Array(1); s += a[i]; } return s;`,
    ),
  ],
  [
    "a name that another case of a switch declares",
    `function pick(n: i32, a: i32[]): i32 {
  let s = 0;
  switch (n) {
    case 1: { break; }
    case 2:
      const a = new Uint8Array(9);
      s = a.length;
      break;
    default:
      for (let i = 0; i < a.length; i++) { a.length = 0; s += a[i]; }
  }
  return s;
}
${run("return pick(n, [1, 2]);")}`,
  ],
  [
    "a name that hides the counter",
    run(`${FILLED}\nlet s = 0; for (let i = 0; i < a.length; i++) { const i = 9; s += a[i]; } return s;`),
  ],
  [
    "a length of another array",
    run(
      `${FILLED}\nconst b = new Uint8Array(2); const end = a.length; let s = 0; for (let i = 0; i < end; i++) s += b[i]; return s;`,
    ),
  ],
  [
    "a length that changes",
    run(
      `${FILLED}\nlet end = a.length; end = 9; let s = 0; for (let i = 0; i < end; i++) s += a[i]; return s;`,
    ),
  ],
  [
    "an array whose length changes",
    run(
      `const a: i32[] = []; a.push(1); a.push(2); let s = 0; for (let i = 0; i < a.length; i++) { a.pop(); a.pop(); s += a[i]; } return s;`,
    ),
  ],
  [
    "a function inside",
    run(
      `${FILLED}\nlet s = 0; for (let i = 0; i < a.length; i++) s += ((i: i32): i32 => { const a = new Uint8Array(1); return a[i]; })(i); return s;`,
    ),
  ],
];

describe("with a check", () => {
  test.each(OUTSIDE)("%s", async (_name, text) => {
    const { checks, run } = await build(text);
    expect(checks).toBe(true);
    expect(() => run(5)).toThrow(WebAssembly.RuntimeError);
  });

  test("a class that only has the array's name", async () => {
    const { run } = await build(
      `import { Uint8Array } from "./mine";
export function run(n: i32): i32 {
  const a = new Uint8Array(n);
  let s = 0;
  for (let i = 0; i < a.length; i++) s += a[i];
  return s;
}`,
      {
        "assembly/mine.ts": `export class Uint8Array {
  constructor(public length: i32) {}
  @operator("[]") get(index: i32): i32 { return index * 10; }
}`,
      },
    );
    expect(run(4)).toBe(60);
  });

  test("a filter whose own function is called unchecked", async () => {
    const { checks } = await build(
      `function unchecked(n: i32): i32 { return -n; }
${run(`${FILLED}\nlet s = 0; for (let i = 0; i < a.length; i++) s += a[i]; return unchecked(s);`)}`,
    );
    expect(checks).toBe(true);
  });

  test("a mistake in the value is still asc's error", async () => {
    const text = run(`const a = new Uint8Array(n); for (let i = 0; i < a.length; i++) a[i] = "x"; return 0;`);
    const { messages } = await compile({ "assembly/index.ts": withFilter(BASE + text) }, { release: true });
    expect(messages.map(({ text }) => text).join("\n")).toContain("is not assignable");
  });
});
