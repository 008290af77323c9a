// `proxy-wasm-as pull`: gets the module out of an image.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { InvalidArgumentError } from "commander";
import type { Command } from "commander";

import { CommandError } from "./command-error.ts";
import { digestOf, findCredentials, formatReference, pullModule } from "../oci/index.ts";
import { Progress } from "./progress.ts";
import { explain } from "./push.ts";
import { parseImage } from "./flags.ts";
import { palette } from "./palette.ts";
import type { CommandIo } from "./io.ts";
import type { ImageReference, PulledModule } from "../oci/index.ts";

/** As the user gives it. */
interface PullFlags {
  output?: string;
  plainHttp?: boolean;
  json?: true;
}

/** Adds the command. */
export function addPullCommand(program: Command, io: CommandIo): void {
  program
    .command("pull")
    .summary("get a module out of an image in a registry")
    .description(
      "Gets a module out of an image, whichever tool made it. What arrives is checked against its digests. Says so if " +
        "Istio would not load the image.",
    )
    .argument("<image>", "oci://registry/name:tag, or oci://registry/name@sha256:digest", parseNamed)
    .option("-o, --output <file>", "where to write it (default: <name>.wasm)")
    .option("--plain-http", "speak HTTP without TLS (default: only to this machine)")
    .option("--no-plain-http", "speak HTTPS, to this machine too")
    .option("--json", "print the result as JSON")
    .addHelpText(
      "after",
      `
Examples:
  proxy-wasm-as pull oci://registry.example.com/team/filter:1.0.0
  proxy-wasm-as pull oci://registry.example.com/team/filter@sha256:<digest> -o filter.wasm`,
    )
    .action(async (reference: ImageReference, flags: PullFlags) => {
      const output = flags.output ?? `${reference.repository.split("/").at(-1) ?? "filter"}.wasm`;
      const pulled = await pull(reference, flags, io);
      write(resolve(io.cwd, output), output, pulled.wasm);
      io.stdout.write(flags.json ? json(reference, output, pulled) : format(reference, output, pulled, io));
    });
}

/** Pulls the module. @throws CommandError */
export async function pull(
  reference: ImageReference,
  flags: PullFlags,
  io: CommandIo,
): Promise<PulledModule> {
  const progress = new Progress(io);
  try {
    return await pullModule(reference, {
      credentials: () => findCredentials(reference.registry, reference.repository, io),
      plainHttp: flags.plainHttp,
      signal: io.interrupted,
      onRetry: (what) => progress.note(`trying again: ${what}`),
    });
  } catch (error) {
    throw explain(error);
  } finally {
    progress.end();
  }
}

function write(path: string, output: string, wasm: Buffer): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, wasm);
  } catch (cause) {
    throw new CommandError(`cannot write ${output}: ${(cause as Error).message}`, {
      advice: "Name another file with --output.",
      cause,
    });
  }
}

function json(reference: ImageReference, file: string, pulled: PulledModule): string {
  const { wasm, digest, annotations, istioRefuses } = pulled;
  const report = {
    image: `oci://${formatReference(reference)}`,
    file,
    digest,
    wasm: digestOf(wasm),
    bytes: wasm.length,
    annotations,
    istioRefuses: istioRefuses ?? null,
  };
  return `${JSON.stringify(report, null, 2)}\n`;
}

function format(reference: ImageReference, file: string, pulled: PulledModule, io: CommandIo): string {
  const paint = palette(io.colour);
  const lines = [
    `${paint.good("pulled")} oci://${formatReference(reference)} into ${file} (${pulled.wasm.length} bytes)`,
    `manifest ${pulled.digest}`,
    `module   ${digestOf(pulled.wasm)}`,
    ...Object.entries(pulled.annotations).map(([name, value]) => `${name}: ${printable(value)}`),
  ];
  if (pulled.istioRefuses !== undefined)
    lines.push(paint.warning(`Istio would not load this image: ${pulled.istioRefuses}`));
  return `${lines.join("\n")}\n`;
}

/** What somebody else wrote, on one line. */
function printable(text: string): string {
  return text.replace(/\p{C}+/gu, " ");
}

function parseNamed(text: string): ImageReference {
  const reference = parseImage(text);
  if (reference.tag === undefined && reference.digest === undefined)
    throw new InvalidArgumentError("It has neither tag nor digest: add one, such as :1.0.0.");
  return reference;
}
