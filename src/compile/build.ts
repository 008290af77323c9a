// Builds a project: compiles it, checks the module as a proxy would, and only then writes it.
import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";

import { BuildError } from "./build-error.ts";
import { declarationOf } from "./declaration.ts";
import { inspect } from "../inspect/index.ts";
import { readProject } from "./project.ts";
import { runAsc } from "./asc-run.ts";
import type { AscMessage, AscResult } from "./asc-run.ts";
import type { Finding, Inspection } from "../inspect/index.ts";
import type { Project } from "./project.ts";
import type { PruneReport } from "../transform/prune.ts";

export interface BuildOptions {
  /** Absolute path of the project. */
  readonly folder: string;
  /** A target of asconfig.json: `release` and `debug` are always there. */
  readonly target: string;
  /** Whether the compiler's text has colours. */
  readonly colour: boolean;
  /** Ends the compiler. */
  readonly signal: AbortSignal;
}

/** What became of a build. */
export interface Build {
  /** The module was written. */
  readonly ok: boolean;
  readonly target: string;
  /** Path of the module from the project's folder. */
  readonly outFile: string;
  /** What the compiler printed. */
  readonly output: string;
  readonly messages: readonly AscMessage[];
  /** Why the compiler gave up; null if it did not. */
  readonly error: string | null;
  /** The module; null if the compiler gave up. */
  readonly module: Inspection | null;
  /** What is wrong with the module. It is written if nothing of it is an error. */
  readonly findings: readonly Finding[];
  readonly pruned: PruneReport | null;
  /** Paths of all files that were written. */
  readonly written: readonly string[];
  /** Files whose change may change the build, absolute. */
  readonly sources: readonly string[];
  readonly milliseconds: number;
}

/** @throws BuildError if it cannot begin. What is wrong with the sources or the module is in the answer. */
export async function build(options: BuildOptions): Promise<Build> {
  const started = performance.now();
  const project = readProject(options.folder, options.target);
  const result = await runAsc(
    project.folder,
    { asc: project.asc, args: project.args, colour: options.colour },
    options.signal,
  );
  const bytes = [...result.files].find(([name]) => resolve("/", name) === resolve("/", project.outFile))?.[1];
  if (result.error === null && !(bytes instanceof Uint8Array)) {
    throw new BuildError(
      `the compiler made no module for the target ${project.target}`,
      "Take options such as noEmit out of asconfig.json.",
    );
  }
  const module = result.error === null ? await inspect(bytes as Uint8Array) : null;
  const findings = module === null ? [] : problems(module, result, project);
  const ok = module !== null && !findings.some(({ level }) => level === "crash" || level === "refused");
  return {
    ok,
    target: project.target,
    outFile: project.outFile,
    output: result.output,
    messages: result.messages,
    error: result.error,
    module,
    findings,
    pruned: result.pruned,
    written: ok ? await write(project, result.files) : [],
    sources: [...new Set([...project.inputs, ...result.sources])],
    milliseconds: Math.round(performance.now() - started),
  };
}

/** What the module's author must or should change. */
function problems(module: Inspection, result: AscResult, project: Project): Finding[] {
  const found = module.findings
    .filter(({ level }) => level !== "note")
    .map((finding) => located(finding, result, project));
  if (module.startSection && !found.some(({ code }) => code === "start-section-hostcall")) {
    found.unshift({
      level: "refused",
      code: "start-section",
      message:
        "the module has a start section, and Envoy crashes as soon as code in one calls the host. " +
        'The preset moves such code into _initialize: take "exportStart" out of asconfig.json',
    });
  }
  return found;
}

/** Says where an import comes from that no host has. */
function located(finding: Finding, { sources }: AscResult, { folder }: Project): Finding {
  const name = /imports (?:the function )?[^\s,]*?\.([\w$]+)(?:,| as )/.exec(finding.message)?.[1];
  const place = name === undefined ? null : declarationOf(name, sources);
  if (place === null) return finding;
  return { ...finding, message: `${finding.message}. It is declared in ${relative(folder, place)}` };
}

/** Each file appears whole: whoever watches it never reads a part. */
async function write(project: Project, files: AscResult["files"]): Promise<string[]> {
  for (const [name, contents] of files) {
    const path = join(project.folder, name);
    const draft = `${path}.${process.pid}.tmp`;
    try {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(draft, contents);
      await rename(draft, path);
    } catch (error) {
      throw new BuildError(
        `cannot write ${name}: ${(error as Error).message}`,
        'Change "outFile" in asconfig.json, or the permissions of the folder.',
        error,
      );
    }
  }
  return [...files.keys()];
}
