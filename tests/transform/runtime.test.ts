// Which memory manager a module gets: the library's own, or asc's where that is asked for or needed.
import type { Program } from "assemblyscript";
import { describe, expect, test } from "vitest";
import ProxyWasmTransform from "../../src/transform/index.ts";
import { compile, PLAIN_FILTER, type CompileOptions, type Message } from "./compile.ts";

const OWN = "~lib/proxy-wasm-as/assembly/runtime/heap/allocate";
const MINIMAL = "~lib/rt/tcms/__new";

interface Chosen {
  /** What the program calls for a new object. */
  allocator: string | undefined;
  messages: readonly Message[];
}

/** Compiles a filter; `spoil` changes the parsed program before the transform sees it. */
async function choose(
  text: string,
  options: CompileOptions = {},
  spoil: (program: Program) => void = () => undefined,
): Promise<Chosen> {
  let allocator: string | undefined;
  class Spoiler {
    declare readonly program: Program;
    afterParse(): void {
      spoil(this.program);
    }
    afterInitialize(): void {
      allocator = this.program.elementsByName.get("__new")?.internalName;
    }
  }
  const { messages } = await compile(
    { "assembly/index.ts": text },
    { ...options, transforms: [Spoiler, ProxyWasmTransform] },
  );
  return { allocator, messages };
}

test("a filter gets the library's own", async () => {
  expect(await choose(PLAIN_FILTER)).toEqual({ allocator: OWN, messages: [] });
});

test("asc's minimal, if asked for", async () => {
  const chosen = await choose(PLAIN_FILTER, { use: ["PROXY_WASM_AS_MINIMAL_RUNTIME=1"] });
  expect(chosen).toEqual({ allocator: MINIMAL, messages: [] });
});

test("0 does not ask for it", async () => {
  expect((await choose(PLAIN_FILTER, { use: ["PROXY_WASM_AS_MINIMAL_RUNTIME=0"] })).allocator).toBe(OWN);
});

test("another runtime stays as it is", async () => {
  const chosen = await choose(PLAIN_FILTER, { runtime: "incremental" });
  expect(chosen).toEqual({ allocator: "~lib/rt/itcms/__new", messages: [] });
});

describe("what needs asc's minimal keeps it, with a warning that says so", () => {
  const warning = (reason: string): unknown => [
    {
      severity: "warning",
      text: `proxy-wasm-as: the module gets asc's runtime 'minimal', which is larger and slower than the one of this package: ${reason}. "use": ["PROXY_WASM_AS_MINIMAL_RUNTIME=1"] in asconfig.json asks for it, without this warning.`,
      file: "",
      line: "",
    },
  ];

  test.each([
    ["a file that reaches into it", `import { __alloc } from "rt/tlsf";\nexport const a = __alloc(8);\n`],
    ["by its whole name", `import { __collect as c } from '~lib/rt/tcms';\nexport const a = c;\n`],
    ["a finalizer", "// @ts-ignore\n@global function __finalize(pointer: usize): void {}\n"],
  ])("%s", async (_, text) => {
    const chosen = await choose(`${text}${PLAIN_FILTER}`);
    expect(chosen.allocator).toBe(MINIMAL);
    expect(chosen.messages).toEqual(warning("assembly/index.ts needs it"));
  });

  test.each<[string, (program: Program) => void]>([
    [
      "an asc whose minimal is made of other files",
      (program) => {
        const tlsf = program.sources.find((it) => it.internalPath === "~lib/rt/tlsf")!;
        tlsf.internalPath = "~lib/rt/other";
      },
    ],
    [
      "a guest library whose files have moved",
      (program) => {
        const index = program.sources.find((it) => it.internalPath.endsWith("/assembly/runtime/index"))!;
        index.internalPath += "s";
      },
    ],
  ])("%s", async (_, spoil) => {
    const { messages } = await choose(PLAIN_FILTER, {}, spoil);
    expect(messages.filter((it) => it.severity === "warning")).toEqual(
      warning("this version of asc keeps it in other files than expected"),
    );
  });
});

test("without the transform, it is asc's minimal, and the library knows", async () => {
  const [with_, without] = await Promise.all(
    [true, false].map((transform) =>
      compile({ "assembly/index.ts": PLAIN_FILTER }, { release: true, transform }),
    ),
  );
  expect(without!.messages).toEqual([]);
  const module = await WebAssembly.compile(without!.wasm as Uint8Array<ArrayBuffer>);
  expect(WebAssembly.Module.exports(module).map(({ name }) => name)).toContain("proxy_on_request_headers");
  expect(without!.wasm!.length - with_!.wasm!.length).toBeGreaterThan(1000);
});
