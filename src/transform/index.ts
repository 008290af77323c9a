// The preset's asc transform: removes callbacks that nothing receives, and explains mistakes.
import * as asc from "assemblyscript";
import type { Module, Program } from "assemblyscript";
import type binaryen from "binaryen";
import { simplifyAnswers } from "./answers.ts";
import { CHECKS } from "./checks/index.ts";
import { convertCallbacks } from "./closures/index.ts";
import { Diagnostics } from "./diagnostics.ts";
import { setFeatures, type Feature } from "./features.ts";
import { spareIndexChecks } from "./indices.ts";
import { encodeMessages } from "./library-messages.ts";
import { encodeLiterals } from "./literals.ts";
import { optimizeFurther } from "./optimization.ts";
import { spareChecks } from "./own-callback.ts";
import { addProducers } from "./producers.ts";
import { pruneCallbacks } from "./prune.ts";
import { STATE, type Marked, type State } from "./report.ts";
import { installRuntime } from "./runtime.ts";
import { findContexts, putLibraryFirst, usedNames } from "./sdk.ts";

export { pruneReport } from "./report.ts";
export type { PruneReport } from "./prune.ts";

/** What asc loads by `"transform": ["proxy-wasm-as/transform"]`, and runs once per build. */
export default class ProxyWasmTransform {
  // asc puts these on the prototype before it makes the object.
  declare readonly program: Program;
  declare readonly baseDir: string;
  declare private readonly binaryen: typeof binaryen;

  private readonly state: State = { report: null };
  /** Absent when there is nothing to do: asc is of another copy, or another transform of ours is at work. */
  private readonly diagnostics: Diagnostics | null = null;

  constructor() {
    const program: Program & Marked = this.program;
    if (program[STATE]) return;
    program[STATE] = this.state;
    if ((program as unknown) instanceof asc.Program)
      this.diagnostics = new Diagnostics(program, this.baseDir);
    else warnOfTwoCopies(program);
  }

  /** asc calls it when all files are parsed and none is looked into. */
  afterParse(): void {
    this.run("the order of files", () => putLibraryFirst(this.program));
    this.run("the conversion of callbacks", (diagnostics) => convertCallbacks(this.program, diagnostics));
    this.run("the encoding of messages", () => encodeMessages(this.program));
    this.run("the choice of the runtime", (diagnostics) => installRuntime(this.program, diagnostics));
  }

  /** asc calls it when classes know their bases and nothing is compiled yet. */
  afterInitialize(program: Program): void {
    this.run("the preset's transform", (diagnostics) => {
      const contexts = findContexts(program);
      for (const [name, check] of Object.entries(CHECKS)) {
        this.run(`the check ${name}`, () => check({ program, contexts, diagnostics }));
      }
      let unused: readonly Feature[] = [];
      this.run("the removal of unused features", () => {
        unused = setFeatures(program, contexts);
      });
      this.run("the encoding of literals", () => encodeLiterals(contexts, diagnostics));
      this.run("the sparing of index checks", () => spareIndexChecks(program, contexts));
      const called = usedNames(program);
      this.run("the simplification of answers", () => simplifyAnswers(program, contexts, called));
      this.run("the sparing of checks", () => spareChecks(contexts, called));
      this.run("the removal of unused callbacks", () => {
        this.state.report = pruneCallbacks(program, contexts, unused);
      });
    });
  }

  /** asc calls it when the module is there and not yet optimized. */
  afterCompile(module: Module): void {
    this.run("the section that names the library", () => addProducers(module));
    this.run("the optimization", () =>
      optimizeFurther(module as unknown as binaryen.Module, this.program.options, this.binaryen),
    );
  }

  /** Does a part of the work, whose failure must not fail the build. */
  private run(part: string, work: (diagnostics: Diagnostics) => void): void {
    const diagnostics = this.diagnostics;
    if (!diagnostics) return;
    try {
      work(diagnostics);
    } catch (cause) {
      diagnostics.failure(part, cause);
    }
  }
}

/** The classes and numbers of another copy do not fit, so nothing but this can be done. */
function warnOfTwoCopies(program: Program): void {
  program.warning(
    asc.DiagnosticCode.User_defined_0,
    null,
    `asc comes from another copy of the package assemblyscript than the one that proxy-wasm-as finds: unused callbacks are not removed and mistakes are not explained. 'npm ls assemblyscript' shows the copies; 'npm dedupe' may merge them.`,
  );
}
