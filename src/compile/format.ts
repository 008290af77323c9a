// A build as text.
import { formatFinding, number, wrap } from "../inspect/index.ts";
import type { Build } from "./build.ts";
import type { Paint } from "../inspect/index.ts";

/** Several lines, each with its end. */
export function formatBuild(build: Build, paint: Paint): string {
  const lines: string[] = [];
  const { module, outFile, target, pruned } = build;
  const time = paint.quiet(`(${target}, ${(build.milliseconds / 1000).toFixed(1)} s)`);
  if (module === null) {
    // asc ends what it prints with the reason; a compiler that died does not.
    const reason = build.messages.length > 0 ? "" : `: ${build.error}`;
    lines.push(paint.error(`${outFile} was not built`) + reason);
  } else if (!build.ok) {
    lines.push(paint.error(`${outFile} was not written`) + ", because Envoy would not load it:");
  } else {
    const sizes = `${number(module.bytes)} bytes, gzip ${number(module.gzipBytes)}`;
    lines.push(`${paint.strong(outFile)}  ${sizes} ${time}`);
    const names = module.exports.filter(({ kind }) => kind === "function").map(({ name }) => name);
    lines.push(
      ...row(
        "imports",
        module.imports.map(({ name }) => name),
      ),
      ...row("exports", names),
    );
    if (pruned !== null) lines.push(`  pruned   ${describePruned(pruned)}`);
    const more = build.written.filter((name) => name !== outFile);
    if (more.length > 0) lines.push(`  beside   ${more.join(", ")}`);
  }
  lines.push(...build.findings.map((finding) => formatFinding(finding, paint)));
  return `${lines.join("\n")}\n`;
}

function row(title: string, names: readonly string[]): string[] {
  return names.length === 0 ? [`  ${title}  none`] : wrap(`  ${title}  `, names);
}

function describePruned({ removed, skipped }: NonNullable<Build["pruned"]>): string {
  if (skipped === "kept by option") return "nothing: PROXY_WASM_AS_KEEP_CALLBACKS keeps every callback";
  if (skipped !== null) return `nothing: ${skipped}`;
  return `${removed.length} callbacks that no class of the filter overrides`;
}
