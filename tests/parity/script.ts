// Scripts for the probe: instructions by callback, and the form in which the guest reads them.

/** Callbacks of the probe; stream and root have names of their own where the ABI has one. */
export type ScriptCallback =
  | "create_root"
  | "create"
  | "vm_start"
  | "configure"
  | "tick"
  | "request_headers"
  | "request_body"
  | "request_trailers"
  | "response_headers"
  | "response_body"
  | "response_trailers"
  | "new_connection"
  | "downstream_data"
  | "upstream_data"
  | "downstream_close"
  | "upstream_close"
  | "http_call_response"
  | "grpc_receive"
  | "grpc_initial_metadata"
  | "grpc_trailing_metadata"
  | "grpc_close"
  | "queue_ready"
  | "log"
  | "root_log"
  | "done"
  | "root_done"
  | "delete"
  | "root_delete";

/** One instruction: its name and arguments. Chars of strings are bytes. tests/parity/assembly says what each does. */
export type Instruction = readonly [name: string, ...args: (string | number)[]];

export type Script = Readonly<Partial<Record<ScriptCallback, readonly Instruction[]>>>;

/** Instructions that ask for the value of a property, by its path with dots. */
export function prop(path: string, kind = "s"): Instruction {
  return ["prop", path.replaceAll(".", "\0"), kind];
}

/** Bytes of an `envoy.config.core.v3.GrpcService` that names a cluster. */
export function grpcService(cluster: string): string {
  const field = `\n${String.fromCharCode(cluster.length)}${cluster}`;
  return `\n${String.fromCharCode(field.length)}${field}`;
}

/** The script as one line of printable characters. */
export function encodeScript(script: Script): string {
  return Object.entries(script)
    .map(([callback, instructions]) => `${callback}:${instructions.map(encodeInstruction).join(";")}`)
    .join("|");
}

function encodeInstruction(instruction: Instruction): string {
  return instruction.map((word) => encodeWord(String(word))).join(" ");
}

function encodeWord(word: string): string {
  if (word === "") return "~";
  return word.replace(
    /[^A-Za-z0-9_\-./=*+]/g,
    (char) => `%${char.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
}
