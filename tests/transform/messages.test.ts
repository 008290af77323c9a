// What asc says about code that a web developer would write, after the transform has explained it.
import { expect, test } from "vitest";
import { compile, inMethod, PLAIN_FILTER, withFilter } from "./compile.ts";
import { MISTAKES } from "./mistakes.ts";

test.each(MISTAKES)("%s is explained at its line", async (_name, source, sentence, original) => {
  const { messages } = await compile({ "assembly/index.ts": source });
  expect(messages).toEqual([
    {
      severity: "error",
      text: `${sentence} [${original}]`,
      file: "assembly/index.ts",
      line: expect.stringMatching(/\/\/ !$/),
    },
  ]);
});

test("a message that needs no explanation stays as asc wrote it", async () => {
  const { messages } = await compile({ "assembly/index.ts": inMethod("this.absent(); // !") });
  expect(messages).toEqual([
    expect.objectContaining({
      severity: "error",
      text: "Property 'absent' does not exist on type 'assembly/index/A'.",
    }),
  ]);
});

test("a mistake in a generic function is reported once, however often it is compiled", async () => {
  const source = withFilter(
    "function f<T>(x: T): void { console.log(1); }\nf<i32>(1); f<f64>(1);\nclass A extends HttpContext {}\nregisterHttpContext<A>();",
  );
  const { messages } = await compile({ "assembly/index.ts": source });
  expect(messages).toHaveLength(1);
  expect(messages[0]?.text).toMatch(/^A string is needed here/);
});

test("asc started in the wrong folder is told from a missing package", async () => {
  const { messages } = await compile({ "assembly/index.ts": PLAIN_FILTER }, { folder: "/", preset: false });
  expect(messages).toContainEqual({
    severity: "error",
    text: "proxy-wasm-as is not installed where asc runs: start asc in the project's folder, the one with asconfig.json, after 'npm install'. [File '~lib/proxy-wasm-as.ts' not found.]",
    file: "assembly/index.ts",
    line: expect.stringMatching(/from "proxy-wasm-as";$/),
  });
});

test("a project without the preset is told so by the library alone", async () => {
  const { messages } = await compile(
    { "assembly/index.ts": PLAIN_FILTER },
    { preset: false, transform: false },
  );
  expect(messages.filter((it) => it.severity === "error")).toEqual([
    expect.objectContaining({
      text: expect.stringContaining(
        'asconfig.json lacks the build preset: add "extends": "proxy-wasm-as/asconfig.json". Without it no proxy can load the module.',
      ),
    }),
  ]);
});

test("an import of the package as a namespace, which asc leaves empty, is explained", async () => {
  const source =
    'import * as sdk from "proxy-wasm-as";\nclass A extends sdk.HttpContext {} // !\nsdk.registerHttpContext<A>();';
  const { messages } = await compile({ "assembly/index.ts": source });
  expect(messages[0]).toEqual({
    severity: "error",
    text: "'sdk' stays empty, since AssemblyScript cannot import this package as a namespace: import by name, as in 'import { HttpContext } from \"proxy-wasm-as\"'. [Property 'HttpContext' does not exist on type 'sdk'.]",
    file: "assembly/index.ts",
    line: expect.stringMatching(/\/\/ !$/),
  });
});
