// The inspection of a module as text.
import type { Finding, InspectedExport, Inspection, Level } from "./inspection.ts";

/** How to write it. */
export interface FormatOptions {
  /** How many functions, and how many segments of data, are listed. */
  readonly top: number;
  readonly paint: Paint;
}

/** Each takes a text and gives it back, coloured or not. */
export interface Paint {
  strong(text: string): string;
  quiet(text: string): string;
  good(text: string): string;
  warning(text: string): string;
  error(text: string): string;
}

const VERDICTS: Readonly<Record<Inspection["verdict"], string>> = {
  loads: "Envoy 1.40 loads it.",
  refused: "Envoy 1.40 refuses it.",
  crash: "Envoy 1.40 crashes when it loads it.",
};
const ROLES: readonly [InspectedExport["role"], string][] = [
  ["callback", "callbacks"],
  ["abi", "ABI version"],
  ["allocator", "allocator"],
  ["start", "start"],
  ["memory", "memory"],
  ["ignored", "ignored by proxies"],
];

/** Several lines, each with its end. */
export function formatInspection(file: string, found: Inspection, options: FormatOptions): string {
  const { paint } = options;
  const abi = found.abiVersion === null ? "no Proxy-Wasm ABI" : `Proxy-Wasm ABI ${found.abiVersion}`;
  const lines = [
    `${paint.strong(file)}: ${abi}, ${number(found.bytes)} bytes (gzip ${number(found.gzipBytes)})`,
    (found.verdict === "loads" ? paint.good : paint.error)(VERDICTS[found.verdict]),
    ...found.findings.map((finding) => formatFinding(finding, paint)),
    ...(found.producers.length > 0 ? ["", `Made by     ${found.producers.join(", ")}`] : [""]),
    `Memory      ${memory(found)}`,
    `Start       ${found.startSection ? "a start section" : "no start section"}`,
    `Names       ${found.names ? "functions have names, which a proxy shows when the module traps" : "none, so a trap shows no function names"}`,
    "",
    paint.strong(`Imports (${found.imports.length})`),
    ...imports(found, paint),
    "",
    paint.strong(`Exports (${found.exports.length})`),
    ...ROLES.flatMap(([role, title]) => exportsOf(found, role, title)),
    "",
    paint.strong("Size by section"),
    ...table(found.sections.map(({ name, bytes }) => [bytes, name])),
    "",
    ...largest("function", found.functions, options, ({ name, index }) => name ?? `function ${index}`),
    "",
    ...largest("data segment", found.data, options, ({ index, preview }) =>
      preview === null ? `segment ${index}` : `segment ${index}: ${JSON.stringify(preview)}`,
    ),
  ];
  return `${lines.join("\n")}\n`;
}

/** One finding on one line. */
export function formatFinding({ level, code, message }: Finding, paint: Paint): string {
  const colour: Record<Level, (text: string) => string> = {
    crash: paint.error,
    refused: paint.error,
    warning: paint.warning,
    note: paint.quiet,
  };
  return `  ${colour[level](level)}  ${message} ${paint.quiet(`[${code}]`)}`;
}

/** A whole number with commas between its thousands, whatever the locale of this machine. */
export function number(value: number): string {
  return String(value).replace(/\B(?=(?:\d{3})+$)/g, ",");
}

function memory({ memory }: Inspection): string {
  if (memory === null) return "none";
  const { minimum, maximum, imported } = memory;
  const size = (pages: number): string =>
    `${number(pages)} ${pages === 1 ? "page" : "pages"} (${number(pages * 64)} KiB)`;
  return `${size(minimum)} at the start, ${maximum === null ? "no limit of its own" : `at most ${size(maximum)}`}${imported ? ", imported" : ""}`;
}

function imports({ imports }: Inspection, paint: Paint): string[] {
  const width = Math.max(0, ...imports.map(({ module, name }) => module.length + 1 + name.length));
  return imports.map(({ module, name, kind, type, offered }) => {
    const line = `  ${`${module}.${name}`.padEnd(width)}  ${type ?? kind}`;
    return offered ? line : `${line}  ${paint.error("not offered by Envoy")}`;
  });
}

function exportsOf({ exports }: Inspection, role: InspectedExport["role"], title: string): string[] {
  const names = exports
    .filter((each) => each.role === role)
    .map(({ name, kind }) => (kind === "function" || name === kind ? name : `${name} (${kind})`));
  return names.length === 0 ? [] : wrap(`  ${title.padEnd(18)}  `, names);
}

/** Names after a title, on lines of a terminal's width. */
export function wrap(title: string, names: readonly string[]): string[] {
  const lines: string[] = [];
  let line = title;
  names.forEach((name, at) => {
    const piece = at < names.length - 1 ? `${name}, ` : name;
    if (line.trim() !== "" && line.length > title.length && line.length + piece.length > 100) {
      lines.push(line.trimEnd());
      line = " ".repeat(title.length);
    }
    line += piece;
  });
  return [...lines, line];
}

function largest<T extends { readonly bytes: number }>(
  noun: string,
  all: readonly T[],
  { top, paint }: FormatOptions,
  name: (each: T) => string,
): string[] {
  const total = all.reduce((sum, { bytes }) => sum + bytes, 0);
  const shown = all.slice(0, top);
  const count = `${number(all.length)} ${noun}${all.length === 1 ? "" : "s"}, ${number(total)} bytes`;
  const title = `Size by ${noun} (${count}${shown.length < all.length ? `; the ${shown.length} largest` : ""})`;
  return [paint.strong(title), ...table(shown.map((each) => [each.bytes, name(each)]))];
}

function table(rows: readonly (readonly [number, string])[]): string[] {
  const width = Math.max(0, ...rows.map(([bytes]) => number(bytes).length));
  return rows.map(([bytes, name]) => `  ${number(bytes).padStart(width)}  ${name}`);
}
