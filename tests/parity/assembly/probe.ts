// A guest that does what a script says, through the bare ABI: also what the library refuses to do.
import * as env from "./env";
import { Bytes, OUT, outText, textAt, write } from "./bytes";
import { Context, Program, wordsOf } from "./program";
import { Last, perform } from "./instructions";

const contexts: Map<u32, Context> = new Map();
let vmProgram: Program = new Program("");

function configuration(type: u32): Program {
  const status = env.getBuffer(type, 0, 0xffffffff, OUT, OUT + 4);
  return new Program(status == 0 ? textAt(load<u32>(OUT), load<u32>(OUT, 4)) : "");
}

/** Root callbacks run the script of the stream that came last, if it says something about them. */
function programFor(context: Context, callback: string): Program {
  if (context.rootId == 0 && Last.program.sections.has(callback)) return Last.program;
  return context.program;
}

function run(id: u32, callback: string, a: i32 = -1, b: i32 = -1, absent: i32 = 0, c: i32 = -1): i32 {
  const context = contexts.get(id);
  const count = context.count(callback);
  const program = callback == "vm_start" ? vmProgram : programFor(context, callback);
  if (!program.sections.has(callback)) return absent;
  const instructions = program.sections.get(callback);
  for (let i = 0; i < instructions.length; i++) {
    const words = wordsOf(instructions[i]);
    const op = words[0];
    const value = words.length > 1 ? <i32>I32.parseInt(words[1]) : 0;
    if (op == "return") return value;
    else if (op == "nth") {
      if (count != value) return absent;
    } else if (op == "from") {
      if (count < value) return absent;
    } else if (op == "eos") {
      if (b != value) return absent;
    } else if (op == "here") {
      let line = callback;
      if (a >= 0) line += " " + a.toString();
      if (b >= 0) line += " " + b.toString();
      if (c >= 0) line += " " + c.toString();
      write(line);
    } else if (op == "log") {
      const status = write(words[2], value);
      if (status) write("log " + words[1] + " = " + status.toString());
    } else if (op == "trap") unreachable();
    else if (op == "recurse") recurse(0);
    else if (op == "exit") env.procExit(1);
    else if (op.length) perform(words);
  }
  return absent;
}

function recurse(depth: i32): i32 {
  return recurse(depth + 1) + depth;
}

export function proxy_abi_version_0_2_1(): void {}

export function malloc(size: usize): usize {
  return heap.alloc(size);
}

export function proxy_on_context_create(id: u32, rootId: u32): void {
  const context = new Context(id, rootId);
  contexts.set(id, context);
  if (rootId) context.program = contexts.get(rootId).program;
  run(id, rootId ? "create" : "create_root");
}

export function proxy_on_vm_start(id: u32, size: u32): u32 {
  vmProgram = configuration(6);
  return run(id, "vm_start", size, -1, 1);
}

export function proxy_on_configure(id: u32, size: u32): u32 {
  contexts.get(id).program = configuration(7);
  return run(id, "configure", size, -1, 1);
}

export function proxy_on_tick(id: u32): void {
  run(id, "tick");
}

export function proxy_on_request_headers(id: u32, count: u32, endOfStream: u32): u32 {
  const name = new Bytes("x-script");
  if (env.getHeader(0, name.at, name.size, OUT, OUT + 4) == 0)
    contexts.get(id).program = new Program(outText());
  Last.stream = id;
  Last.program = contexts.get(id).program;
  return run(id, "request_headers", count, endOfStream);
}

export function proxy_on_request_body(id: u32, size: u32, endOfStream: u32): u32 {
  return run(id, "request_body", size, endOfStream);
}

export function proxy_on_request_trailers(id: u32, count: u32): u32 {
  return run(id, "request_trailers", count);
}

export function proxy_on_response_headers(id: u32, count: u32, endOfStream: u32): u32 {
  return run(id, "response_headers", count, endOfStream);
}

export function proxy_on_response_body(id: u32, size: u32, endOfStream: u32): u32 {
  return run(id, "response_body", size, endOfStream);
}

export function proxy_on_response_trailers(id: u32, count: u32): u32 {
  return run(id, "response_trailers", count);
}

export function proxy_on_new_connection(id: u32): u32 {
  Last.stream = id;
  Last.program = contexts.get(id).program;
  return run(id, "new_connection");
}

export function proxy_on_downstream_data(id: u32, size: u32, endOfStream: u32): u32 {
  return run(id, "downstream_data", size, endOfStream);
}

export function proxy_on_upstream_data(id: u32, size: u32, endOfStream: u32): u32 {
  return run(id, "upstream_data", size, endOfStream);
}

export function proxy_on_downstream_connection_close(id: u32, peer: u32): void {
  run(id, "downstream_close", peer);
}

export function proxy_on_upstream_connection_close(id: u32, peer: u32): void {
  run(id, "upstream_close", peer);
}

export function proxy_on_http_call_response(
  id: u32,
  token: u32,
  headers: u32,
  body: u32,
  trailers: u32,
): void {
  run(id, "http_call_response", headers, body, 0, trailers);
}

export function proxy_on_grpc_receive_initial_metadata(id: u32, token: u32, count: u32): void {
  run(id, "grpc_initial_metadata", count);
}

export function proxy_on_grpc_receive_trailing_metadata(id: u32, token: u32, count: u32): void {
  run(id, "grpc_trailing_metadata", count);
}

export function proxy_on_grpc_receive(id: u32, token: u32, size: u32): void {
  run(id, "grpc_receive", size);
}

export function proxy_on_grpc_close(id: u32, token: u32, code: u32): void {
  run(id, "grpc_close", code);
}

export function proxy_on_queue_ready(id: u32, token: u32): void {
  run(id, "queue_ready");
}

export function proxy_on_log(id: u32): void {
  run(id, contexts.get(id).rootId ? "log" : "root_log");
}

export function proxy_on_done(id: u32): u32 {
  return run(id, contexts.get(id).rootId ? "done" : "root_done", -1, -1, 1);
}

/** Every stream ends with a line of its own, by which a test knows that nothing more will come. */
export function proxy_on_delete(id: u32): void {
  const stream = contexts.get(id).rootId != 0;
  run(id, stream ? "delete" : "root_delete");
  if (stream) {
    contexts.delete(id);
    write("end");
  }
}
