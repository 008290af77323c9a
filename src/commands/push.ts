// `proxy-wasm-as push`: publishes a module as an image, in the layout that Istio takes.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { InvalidArgumentError, Option } from "commander";
import type { Command } from "commander";

import { CommandError } from "./command-error.ts";
import { EXIT_USAGE } from "./io.ts";
import {
  LAYOUTS,
  OciError,
  buildImage,
  digestOf,
  findCredentials,
  formatReference,
  pushImage,
  writeLayout,
} from "../oci/index.ts";
import { moduleFacts } from "./module-facts.ts";
import { parseImage } from "./flags.ts";
import { palette } from "./palette.ts";
import { Progress } from "./progress.ts";
import type { CommandIo } from "./io.ts";
import type { Image, ImageReference, Layout } from "../oci/index.ts";

/** As the user gives it. */
interface PushFlags {
  layout: Layout;
  rootId?: string[];
  dryRun?: string;
  plainHttp?: boolean;
  json?: true;
}

/** What was pushed. */
export interface PushReport {
  /** With its tag. */
  readonly image: string;
  /** Of the manifest. */
  readonly digest: string;
  /** SHA-256 of the module itself, `sha256:` and 64 digits. */
  readonly wasm: string;
  readonly bytes: number;
  readonly layout: Layout;
  /** The `url` of a WasmPlugin, pinned. */
  readonly url: string;
  /** The folder, if nothing was pushed. */
  readonly folder?: string;
}

/** Adds the command. */
export function addPushCommand(program: Command, io: CommandIo): void {
  program
    .command("push")
    .summary("publish a module as an image in a registry")
    .description(
      "Publishes a module as an image that Istio loads, and prints its manifest digest. Uses the login that docker, " +
        "podman, oras or crane have left. The same module always has the same digest.",
    )
    .argument("<file.wasm>", "the module")
    .argument("<image>", "oci://registry/name:tag", parseTagged)
    .addOption(
      new Option(
        "--layout <layout>",
        "compat: a tar.gz layer with plugin.wasm, which every Istio takes; artifact: the module itself, in two layers",
      )
        .choices(LAYOUTS)
        .default("compat"),
    )
    .option("--root-id <id>", "root id that the module serves, for the annotations (repeatable)", collect)
    .option("--dry-run <folder>", "write the image into a folder (an OCI image layout), and push nothing")
    .option("--plain-http", "speak HTTP without TLS (default: only to this machine)")
    .option("--no-plain-http", "speak HTTPS, to this machine too")
    .option("--json", "print the result as JSON")
    .addHelpText(
      "after",
      `
Examples:
  proxy-wasm-as push build/filter.wasm oci://registry.example.com/team/filter:1.0.0
  proxy-wasm-as push build/filter.wasm oci://ghcr.io/me/filter:1.0.0 --layout artifact
  proxy-wasm-as push build/filter.wasm oci://example.com/filter:1.0.0 --dry-run build/image`,
    )
    .action(async (file: string, reference: ImageReference, flags: PushFlags) => {
      const report = await push(file, reference, flags, io);
      io.stdout.write(flags.json ? `${JSON.stringify(report, null, 2)}\n` : format(report, io));
    });
}

/** Builds the image, and pushes or writes it. @throws CommandError */
export async function push(
  file: string,
  reference: ImageReference,
  flags: PushFlags,
  io: CommandIo,
): Promise<PushReport> {
  const wasm = readModule(resolve(io.cwd, file), file);
  const image = await buildImage(wasm, flags.layout, moduleFacts(wasm, file, flags.rootId ?? []));
  const pinned = { ...reference, digest: image.manifest.digest };
  const report: PushReport = {
    image: `oci://${formatReference(reference)}`,
    digest: image.manifest.digest,
    wasm: digestOf(wasm),
    bytes: wasm.length,
    layout: flags.layout,
    url: `oci://${formatReference(pinned)}`,
    ...(flags.dryRun !== undefined && { folder: flags.dryRun }),
  };
  try {
    if (flags.dryRun === undefined) await upload(reference, image, flags, io);
    else writeLayout(resolve(io.cwd, flags.dryRun), image, reference.tag);
  } catch (error) {
    throw explain(error);
  }
  return report;
}

/** A CommandError of the same meaning, if it is known. */
export function explain(error: unknown): unknown {
  if (error instanceof OciError)
    return new CommandError(error.message, { cause: error, ...(error.advice && { advice: error.advice }) });
  if (error instanceof Error && "code" in error) return new CommandError(error.message, { cause: error });
  return error;
}

async function upload(
  reference: ImageReference,
  image: Image,
  flags: PushFlags,
  io: CommandIo,
): Promise<void> {
  const progress = new Progress(io);
  try {
    await pushImage(reference, image, {
      credentials: () => findCredentials(reference.registry, reference.repository, io),
      plainHttp: flags.plainHttp,
      signal: io.interrupted,
      onRetry: (what) => progress.note(`trying again: ${what}`),
      onProgress: (title, sent, total) => progress.show(`uploading ${title}`, sent, total),
    });
  } finally {
    progress.end();
  }
}

function readModule(path: string, file: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw new CommandError(
      code === "ENOENT" ? `there is no file ${path}` : `cannot read ${file}: ${message}`,
      {
        advice: "Build the filter first, or check the path.",
        exitCode: EXIT_USAGE,
        cause,
      },
    );
  }
}

function format(report: PushReport, io: CommandIo): string {
  const paint = palette(io.colour);
  const done =
    report.folder === undefined
      ? `${paint.good("pushed")} ${report.image}`
      : `${paint.good("wrote")} ${report.folder}, nothing was pushed`;
  return [
    `${done} (${report.layout}, ${report.bytes} bytes of WebAssembly)`,
    `manifest ${report.digest}`,
    `module   ${report.wasm}`,
    "",
    paint.quiet("# In a WasmPlugin, or by: proxy-wasm-as config wasmplugin --image <the url>"),
    `url: "${report.url}"`,
    "",
  ].join("\n");
}

function parseTagged(text: string): ImageReference {
  const reference = parseImage(text);
  if (reference.digest !== undefined)
    throw new InvalidArgumentError("The digest is what comes of it: give a tag only.");
  if (reference.tag === undefined) throw new InvalidArgumentError("It has no tag: add one, such as :1.0.0.");
  return reference;
}

function collect(text: string, before: string[] = []): string[] {
  return [...before, text];
}
