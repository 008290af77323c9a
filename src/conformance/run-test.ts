// Runs one test: the order of calls into the module, and what is checked when.
import { Http1Error, parseHttp1Headers } from "./http1-headers.ts";
import { PlanError, hasPlan, planChunks } from "./body-plan.ts";
import { HostError } from "../host/errors.ts";
import { GuestTrapped, ReferenceHost } from "./reference-host.ts";
import { ReferenceHeaderMap } from "./header-map.ts";
import { checkLog, checkPhase } from "./expectations.ts";
import { describeLine } from "./reference-context.ts";
import { toByteString } from "../host/byte-string.ts";
import type { Failure, Phase, TestResult } from "./report.ts";
import type { Input, Invocation, Message, Place, Test } from "./suite.ts";
import type { PhaseResult, Unmet } from "./expectations.ts";
import type { LogLine } from "./reference-context.ts";
import type { ReferenceHostOptions } from "./reference-host.ts";
import type { SuiteFiles } from "./suite-files.ts";

/** What a stopped callback counts as. */
const STOP_ALL_ITERATION = 4;

/** Something after which the rest of a test is not run. */
class TestEnded extends Error {}

/** Runs a test on a fresh VM. It never throws for what a module or a test does. */
export function runTest(test: Test, options: ReferenceHostOptions, files: SuiteFiles): TestResult {
  const started = performance.now();
  const run = new TestRun(test, options, files);
  run.execute();
  const { failures, host } = run;
  return {
    name: test.name,
    place: test.place,
    passed: failures.length === 0,
    failures,
    log: host.log.map(describeLine),
    notes: host.notes,
    milliseconds: performance.now() - started,
  };
}

class TestRun {
  readonly failures: Failure[] = [];
  readonly host: ReferenceHost;
  readonly #test: Test;
  readonly #options: ReferenceHostOptions;
  readonly #files: SuiteFiles;
  #phase: Phase = "load";
  #invocation = 0;
  #place: Place;

  constructor(test: Test, options: ReferenceHostOptions, files: SuiteFiles) {
    this.#test = test;
    this.#options = options;
    this.#files = files;
    this.#place = test.place;
    this.host = new ReferenceHost(options, test.properties);
  }

  /** The whole order of calls; an error ends it. */
  execute(): void {
    try {
      this.host.start(this.#options.module);
      this.#startPlugin();
      this.#createStream();
      this.#runHeaders("request_headers", this.#test.requestHeaders);
      this.#runBodies("request_body", this.#test.requestBody);
      this.#runHeaders("response_headers", this.#test.responseHeaders);
      this.#runBodies("response_body", this.#test.responseBody);
      this.#destroyStream();
      this.#stopPlugin();
    } catch (error) {
      const expected =
        error instanceof TestEnded || error instanceof GuestTrapped || error instanceof HostError;
      if (!expected) throw error;
      this.#fail("error", {
        field: "",
        place: this.#place,
        message: error.message,
        expected: null,
        actual: null,
        diff: [],
      });
    }
  }

  #startPlugin(): void {
    const { host } = this;
    const { root } = host;
    this.#enter("plugin_init", this.#test.pluginInit);
    host.call("proxy_on_context_create", root, 0, 0);
    if (host.call("proxy_on_vm_start", root, 1, 0) === 0) throw new TestEnded("proxy_on_vm_start returned 0");
    if (host.call("proxy_on_configure", root, 1, host.configuration.length) === 0)
      throw new TestEnded("proxy_on_configure returned 0");
    this.#report(checkLog(this.#test.pluginInit, root.lines, this.#files), root.lines);
  }

  #createStream(): void {
    const { stream, root } = this.host;
    this.#enter("stream_init", this.#test.streamInit);
    this.host.addStream();
    this.host.call("proxy_on_context_create", stream, 0, root.id);
    this.#report(checkLog(this.#test.streamInit, stream.lines, this.#files), stream.lines);
  }

  #runHeaders(phase: "request_headers" | "response_headers", invocation: Invocation | undefined): void {
    if (invocation === undefined) return;
    this.#enter(phase, invocation);
    const { host } = this;
    const { stream } = host;
    if (stream.answered) {
      this.#check(invocation, skipped(0));
      return;
    }
    stream.headers = this.#readHeaders(
      invocation.input,
      phase === "request_headers" ? "request" : "response",
    );
    const size = stream.headers.size;
    const returned = stream.during(phase, () => host.call(`proxy_on_${phase}`, stream, 0, size, 0));
    const { localResponse } = stream;
    this.#check(invocation, {
      headers: stream.headers,
      body: localResponse?.body ?? "",
      lines: stream.lines,
      status: localResponse === null ? returned : STOP_ALL_ITERATION,
      localResponse,
    });
  }

  #runBodies(phase: "request_body" | "response_body", invocations: readonly Invocation[]): void {
    for (const [index, invocation] of invocations.entries()) {
      this.#enter(phase, invocation, index);
      if (hasPlan(this.#test) && invocations.length > 1)
        throw new TestEnded(
          `num_chunks and chunk_size cut one body, but there are ${invocations.length} invocations of ${phase}`,
        );
      this.#check(invocation, this.host.stream.answered ? skipped(null) : this.#runBody(phase, invocation));
    }
  }

  #runBody(phase: "request_body" | "response_body", { input }: Invocation): PhaseResult {
    const { host } = this;
    const { stream } = host;
    const outputs: Buffer[] = [];
    let lines: readonly LogLine[] = [];
    for (const { bytes, endOfStream } of this.#chunks(this.#readBytes(input))) {
      lines = [];
      // As later phases, later chunks are not given to a module that has answered.
      if (stream.answered) continue;
      stream.chunk = bytes;
      stream.during(phase, () =>
        host.call(`proxy_on_${phase}`, stream, 0, bytes.length, endOfStream ? 1 : 0),
      );
      outputs.push(stream.chunk);
      ({ lines } = stream);
    }
    const body = toByteString(Buffer.concat(outputs));
    return { headers: new ReferenceHeaderMap(), body, lines, status: null, localResponse: null };
  }

  #destroyStream(): void {
    const { stream } = this.host;
    this.#enter("stream_destroy", this.#test.streamDestroy);
    stream.lines = [];
    this.host.call("proxy_on_done", stream, 1);
    this.host.call("proxy_on_delete", stream, 0);
    this.host.removeStream();
    this.#report(checkLog(this.#test.streamDestroy, stream.lines, this.#files), stream.lines);
  }

  #stopPlugin(): void {
    const { root } = this.host;
    this.#enter("plugin_destroy", undefined);
    if (this.host.call("proxy_on_done", root, 1) !== 0) this.host.call("proxy_on_delete", root, 0);
  }

  #readHeaders(input: Input | undefined, direction: "request" | "response"): ReferenceHeaderMap {
    if (input !== undefined && (input.file !== "" || input.content !== "")) {
      try {
        return parseHttp1Headers(toByteString(this.#readBytes(input)), direction);
      } catch (error) {
        if (error instanceof Http1Error) throw new TestEnded(error.message);
        throw error;
      }
    }
    const map = new ReferenceHeaderMap();
    for (const { key, value } of input?.header ?? []) map.add(toByteString(key), value);
    return map;
  }

  #readBytes(input: Input | undefined): Buffer {
    if (input === undefined || input.file === "") return Buffer.from(input?.content ?? "", "latin1");
    const bytes = this.#files.read(input.file);
    if (typeof bytes === "string") throw new TestEnded(bytes);
    return bytes;
  }

  #chunks(body: Buffer): ReturnType<typeof planChunks> {
    try {
      return planChunks(this.#test, body);
    } catch (error) {
      if (error instanceof PlanError) throw new TestEnded(error.message);
      throw error;
    }
  }

  #enter(phase: Phase, message: Message | undefined, invocation = 0): void {
    this.#phase = phase;
    this.#invocation = invocation;
    this.#place = message?.place ?? this.#test.place;
  }

  #check({ result, place }: Invocation, outcome: PhaseResult): void {
    this.#report(checkPhase(result, outcome, this.#files, result?.place ?? place), outcome.lines);
  }

  #report(unmet: readonly Unmet[], lines: readonly LogLine[]): void {
    for (const each of unmet) this.#fail("check", each, lines);
  }

  #fail(kind: Failure["kind"], unmet: Unmet, lines: readonly LogLine[] = this.#lines): void {
    this.failures.push({
      kind,
      phase: this.#phase,
      invocation: this.#invocation,
      ...unmet,
      log: lines.map(describeLine),
    });
  }

  /** What has been logged in the phase that is running. */
  get #lines(): readonly LogLine[] {
    const { root, stream, log } = this.host;
    if (this.#phase === "load") return log;
    return this.#phase.startsWith("plugin") ? root.lines : stream.lines;
  }
}

/** What comes out of a phase that is not run, because the module has answered. */
function skipped(status: number | null): PhaseResult {
  return { headers: new ReferenceHeaderMap(), body: "", lines: [], status, localResponse: null };
}
