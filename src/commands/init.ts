// `proxy-wasm-as init`: a new project from a template.
import { basename, relative, resolve } from "node:path";
import { select, text } from "@clack/prompts";
import { Option } from "commander";
import type { Command } from "commander";

import { CommandError } from "./command-error.ts";
import {
  DEFAULT_NAME,
  nameProblem,
  projectFiles,
  ProjectError,
  TEMPLATES,
  toName,
  writeProject,
} from "../init/index.ts";
import { EXIT_USAGE } from "./io.ts";
import { palette } from "./palette.ts";
import type { CommandIo, Terminal } from "./io.ts";
import type { TemplateName, WrittenProject } from "../init/index.ts";

/** As the user gives it. */
interface InitFlags {
  template?: TemplateName;
  name?: string;
  yes?: true;
  force?: true;
  json?: true;
}

/** What is settled, by flags, by answers, or by default. */
interface InitChoice {
  readonly dir: string;
  readonly name: string;
  readonly template: TemplateName;
}

const NAMES = Object.keys(TEMPLATES) as TemplateName[];

/** Adds the command. */
export function addInitCommand(program: Command, io: CommandIo): void {
  program
    .command("init")
    .summary("start a new filter from a template")
    .description(
      "Writes a small, complete project: the filter, a test that needs no proxy, the build, and what an editor needs. " +
        `Templates: ${NAMES.map((name) => `${name} (${TEMPLATES[name]})`).join(", ")}. ` +
        "On a terminal it asks for what no flag says.",
    )
    .argument("[dir]", "folder of the project; it is made if need be (default: this one)")
    .addOption(new Option("-t, --template <name>", "which template (default: http)").choices(NAMES))
    .option("-n, --name <name>", "name of the package (default: that of the folder)")
    .option("-y, --yes", "ask nothing")
    .option("-f, --force", "write into a folder that is not empty, and list which files were replaced")
    .option("--json", "print what was written as JSON; asks nothing")
    .addHelpText(
      "after",
      `
Examples:
  proxy-wasm-as init my-filter
  proxy-wasm-as init my-proxy --template tcp --yes
  proxy-wasm-as init . --name @acme/edge-filter`,
    )
    .action(async (dir: string | undefined, flags: InitFlags) => {
      const terminal = flags.yes === true || flags.json === true ? undefined : io.terminal;
      const choice = terminal === undefined ? settle(dir, flags, io) : await ask(dir, flags, io, terminal);
      const folder = resolve(io.cwd, choice.dir);
      const written = await write(folder, choice, flags.force === true);
      if (flags.json === true) {
        const { name, template } = choice;
        io.stdout.write(`${JSON.stringify({ folder, name, template, ...written }, null, 2)}\n`);
      } else io.stdout.write(report(folder, choice, written, io));
    });
}

function settle(dir: string | undefined, { name, template }: InitFlags, io: CommandIo): InitChoice {
  const problem = name === undefined ? null : nameProblem(name);
  if (problem !== null) {
    throw new CommandError(`${JSON.stringify(name)} cannot be the name of a package: ${problem}`, {
      advice: `Such a name would do: --name ${toName(name ?? "")}`,
      exitCode: EXIT_USAGE,
    });
  }
  const folder = dir ?? ".";
  return {
    dir: folder,
    name: name ?? toName(basename(resolve(io.cwd, folder))),
    template: template ?? "http",
  };
}

async function ask(
  dir: string | undefined,
  flags: InitFlags,
  io: CommandIo,
  terminal: Terminal,
): Promise<InitChoice> {
  const given = settle(dir ?? DEFAULT_NAME, flags, io);
  const where =
    dir ??
    answered(
      await text({
        ...terminal,
        message: "Folder of the project?",
        placeholder: DEFAULT_NAME,
        defaultValue: DEFAULT_NAME,
      }),
    );
  const suggested = toName(basename(resolve(io.cwd, where)));
  const name =
    flags.name ??
    answered(
      await text({
        ...terminal,
        message: "Name of the package?",
        placeholder: suggested,
        defaultValue: suggested,
        validate: (value) => {
          const problem = nameProblem(value || suggested);
          return problem === null ? undefined : `It cannot be that: ${problem}.`;
        },
      }),
    );
  const template =
    flags.template ??
    answered<TemplateName>(
      await select<TemplateName>({
        ...terminal,
        message: "Which template?",
        options: NAMES.map((value) => ({ value, label: value, hint: TEMPLATES[value] })),
        initialValue: given.template,
      }),
    );
  return { dir: where, name, template };
}

/** What was answered. @throws CommandError if Ctrl-C was. */
function answered<T extends string>(answer: T | symbol): T {
  if (typeof answer !== "string") throw new CommandError("given up; nothing was written", { exitCode: 130 });
  return answer;
}

async function write(folder: string, choice: InitChoice, force: boolean): Promise<WrittenProject> {
  try {
    return await writeProject(folder, projectFiles(choice.template, choice.name), force);
  } catch (error) {
    if (!(error instanceof ProjectError)) throw error;
    throw new CommandError(error.message, { advice: error.advice, exitCode: EXIT_USAGE, cause: error });
  }
}

function report(
  folder: string,
  { name, template }: InitChoice,
  { files, replaced }: WrittenProject,
  io: CommandIo,
): string {
  const paint = palette(io.colour);
  const manager = /^(pnpm|yarn|bun)\//.exec(io.env["npm_config_user_agent"] ?? "")?.[1] ?? "npm";
  const way = relative(io.cwd, folder);
  const steps: (readonly [string, string])[] = [
    ...(way === "" ? [] : [[`cd ${quoted(way)}`, ""] as const]),
    [`${manager} install`, ""],
    [`${manager} run build`, "compiles the filter into build/"],
    [`${manager} test`, "runs its tests, without a proxy"],
    [
      `${manager} start`,
      template === "tcp"
        ? "builds it again whenever it changes"
        : "serves it on this machine, and again whenever it changes",
    ],
    [`${manager} run envoy`, "the same in a real Envoy"],
  ];
  const width = Math.max(...steps.map(([command]) => command.length));
  const lines = [
    `${paint.good("wrote")} ${name}, ${files.length} files of the template ${template}, into ${folder}`,
    ...replaced.map((file) => `  ${paint.warning("replaced")} ${file}`),
    "",
    ...steps.map(([command, what]) =>
      `  ${paint.strong(command)}${" ".repeat(width - command.length)}  ${paint.quiet(what)}`.trimEnd(),
    ),
  ];
  return `${lines.join("\n")}\n`;
}

/** A path as a shell takes it. */
function quoted(path: string): string {
  return /^[\w./~@-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
