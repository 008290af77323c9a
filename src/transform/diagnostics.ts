// The messages of one build: ours are added, asc's own are explained on their way to the user.
import * as asc from "assemblyscript";
import type { DiagnosticMessage, Program, Range } from "assemblyscript";
import { explain } from "./messages/index.ts";
import { isSdkName } from "./sdk.ts";

const OVERRIDE_MISMATCH =
  asc.DiagnosticCode.This_overload_signature_is_not_compatible_with_its_implementation_signature;

/** Adds messages to a build, and rewrites those that asc adds. */
export class Diagnostics {
  private readonly program: Program;
  private readonly folder: string;
  private readonly add: (message: DiagnosticMessage) => void;
  /** The first error of ours about a registration, which makes asc's errors in the library a consequence. */
  private registration: DiagnosticMessage | null = null;
  private readonly silent = new WeakMap<Range, number>();
  private readonly copies = new Set<string>();
  private readonly kept: { readonly range: Range; readonly method: string }[] = [];

  constructor(program: Program, folder: string) {
    this.program = program;
    this.folder = folder;
    const list = program.diagnostics;
    const push = list.push;
    this.add = (message) => void push.call(list, message);
    // Parser, resolver and compiler all hold this one array.
    list.push = (...messages) => {
      for (const message of messages) this.take(message);
      return list.length;
    };
  }

  /** Something that works otherwise than its author thinks. */
  warning(range: Range | null, text: string): void {
    this.addOnce(this.message(asc.DiagnosticCategory.Warning, range, text));
  }

  /** Something no proxy should load. The build fails. `related` is a second place that belongs to it. */
  error(range: Range | null, text: string, related?: Range): void {
    const message = this.message(asc.DiagnosticCategory.Error, range, text);
    this.addOnce(related ? message.withRelatedRange(related) : message);
  }

  /** As {@link error}; asc's own errors about it, which point into the library, are attached to it. */
  registrationError(range: Range, text: string): void {
    const message = this.message(asc.DiagnosticCategory.Error, range, text);
    this.registration ??= message;
    this.add(message);
  }

  /** Says that a part of this transform failed, which must not fail the build. */
  failure(part: string, cause: unknown): void {
    const detail = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
    this.warning(null, `proxy-wasm-as: ${part} failed and was left out of this build: ${detail}`);
  }

  /** Drops asc's messages of this number about this very range, which belongs to code of ours. */
  silence(code: number, range: Range): void {
    this.silent.set(range, code);
  }

  /** Notes where a callback uses copies of variables, for the explanations of what asc says there. */
  noteCopies(ranges: readonly Range[]): void {
    for (const { source, start } of ranges) this.copies.add(`${source.internalPath}:${start}`);
  }

  /** Notes a function that is kept in a variable before it is given to a method that takes callbacks. */
  noteKept(range: Range, method: string): void {
    this.kept.push({ range, method });
  }

  /** The tree may hold a statement of the user twice: the callback, and what became of it. */
  private addOnce(message: DiagnosticMessage): void {
    if (!this.program.diagnostics.some((it) => it.equals(message))) this.add(message);
  }

  private message(category: number, range: Range | null, text: string): DiagnosticMessage {
    const message = asc.DiagnosticMessage.create(asc.DiagnosticCode.User_defined_0, category, text);
    message.message = text; // without the words that asc puts before it
    return range ? message.withRange(range) : message;
  }

  private take(message: DiagnosticMessage): void {
    try {
      if (message.range && this.silent.get(message.range) === message.code) return;
      if (this.isConsequence(message)) return;
      const explained = this.explained(message);
      // asc compares later messages with the one it made, to drop repetitions: that one stays as it is.
      if (explained !== null)
        message = Object.assign(Object.create(asc.DiagnosticMessage.prototype), message, explained);
    } catch (cause) {
      this.failure("the explanation of a compiler message", cause);
    }
    this.add(message);
  }

  /** Attaches a message to the one that it follows from. */
  private isConsequence(message: DiagnosticMessage): boolean {
    const range = message.range;
    if (!range) return false;
    if (this.registration && isSdkName(range.source.internalPath)) {
      if (message.code === asc.DiagnosticCode.User_defined_0) return false;
      append(this.registration, message.message);
      return true;
    }
    if (!message.message.startsWith("Type '(this: ")) return false;
    const cause = this.program.diagnostics.find(
      (it) => it.code === OVERRIDE_MISMATCH && overlap(it.range, range),
    );
    if (cause) append(cause, message.message);
    return cause !== undefined;
  }

  private explained(message: DiagnosticMessage): { message: string } | null {
    const range = message.range;
    if (range && isSdkName(range.source.internalPath)) return null;
    const text = range?.source.text ?? "";
    const explanation = explain(message.code, {
      message: message.message,
      at: range ? text.slice(range.start, range.end) : "",
      before: range ? text.slice(0, range.start) : "",
      after: range ? text.slice(range.end) : "",
      related: message.relatedRange?.toString() ?? "",
      isCopy: range !== null && this.copies.has(`${range.source.internalPath}:${range.start}`),
      keptFor: this.kept.find((it) => contains(it.range, range))?.method ?? null,
      program: this.program,
      folder: this.folder,
    });
    if (!explanation) return null;
    const superseded =
      explanation.rule.supersedes && range ? this.withdraw(explanation.rule.supersedes, range) : null;
    const original = superseded === null ? message.message : `${superseded} ${message.message}`;
    return { message: `${explanation.text} [${original}]` };
  }

  /** Takes back the last message if it has this code and range and asc has not printed it; returns its text. */
  private withdraw(code: number, range: Range): string | null {
    const list = this.program.diagnostics;
    const last = list.at(-1);
    if (list.length <= this.program.diagnosticsOffset || last?.code !== code || !last.range?.equals(range))
      return null;
    list.pop();
    return last.message;
  }
}

function overlap(a: Range | null, b: Range): boolean {
  return a !== null && a.source === b.source && a.start <= b.end && b.start <= a.end;
}

function contains(outer: Range, inner: Range | null): boolean {
  return overlap(inner, outer) && inner !== null && outer.start <= inner.start && inner.end <= outer.end;
}

/** Puts asc's words into the brackets at the end of a message. */
function append(message: DiagnosticMessage, original: string): void {
  if (message.message.includes(original)) return;
  message.message = message.message.endsWith("]")
    ? `${message.message.slice(0, -1)} ${original}]`
    : `${message.message} [${original}]`;
}
