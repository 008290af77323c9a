// What the guest tells the fuzzer: which callback runs, and what each read gave it. The host knows what it answered.
import { HeaderList, logInfo, setPropertyBytes } from "proxy-wasm-as";
import { liveContexts } from "proxy-wasm-as/assembly/context-table";
import { out, scratchEnd } from "proxy-wasm-as/assembly/memory";

// Reports are properties whose names begin with "@". The second letter says what the bytes are:
//   > callback, id and live contexts   t text or n null   b bytes or n null   T B the same, but empty instead of null
//   h has   u number   l list   v value bytes of the list   g value of the list   a all values   e environment
//   - nothing: an operation has ended whose reads are not reported
// What was asked for may follow after a colon. Texts are UTF-16; more than 512 bytes are told by their length and hash,
// and the name ends in "#".

logInfo("@layout " + out.toString() + " " + scratchEnd().toString() + " " + __heap_base.toString());

function hash(data: usize, size: i32): u32 {
  let sum: u32 = 0x811c9dc5;
  for (let i = 0; i < size; i++) sum = (sum ^ (<u32>load<u8>(data + i))) * 0x01000193;
  return sum;
}

function send(kind: string, data: usize, size: i32): void {
  if (size <= 512) {
    const bytes = new Uint8Array(size);
    memory.copy(bytes.dataStart, data, size);
    setPropertyBytes(kind, bytes);
  } else {
    const bytes = new Uint8Array(8);
    store<u32>(bytes.dataStart, size);
    store<u32>(bytes.dataStart, hash(data, size), 4);
    setPropertyBytes(kind + "#", bytes);
  }
}

function sendText(kind: string, text: string): void {
  send(kind, changetype<usize>(text), text.length << 1);
}

export function entered(callback: string, id: u32): void {
  sendText("@>", callback + " " + id.toString() + " " + liveContexts.toString());
}

export function nothing(): void {
  send("@-", 0, 0);
}

export function gotText(text: string | null): void {
  if (text == null) send("@n", 0, 0);
  else sendText("@t", text);
}

export function gotBytes(bytes: Uint8Array | null): void {
  if (bytes == null) send("@n", 0, 0);
  else send("@b", bytes.dataStart, bytes.length);
}

export function gotBufferText(text: string): void {
  sendText("@T", text);
}

export function gotBufferBytes(bytes: Uint8Array): void {
  send("@B", bytes.dataStart, bytes.length);
}

export function gotFlag(flag: bool): void {
  sendText("@h", flag ? "1" : "0");
}

export function gotNumber(value: u64): void {
  sendText("@u", value.toString());
}

/** The number of pairs, and each of the first and the last few. */
export function gotList(list: HeaderList): void {
  const parts: string[] = [list.length.toString()];
  for (let i = 0; i < list.length; i++) {
    if (i == 8 && list.length > 10) i = list.length - 2;
    parts.push(list.name(i));
    parts.push(list.value(i));
    parts.push(list.nameLength(i).toString() + "," + list.valueLength(i).toString());
  }
  sendText("@l", parts.join("\x01"));
}

/** After {@link gotList}, for the same list. */
export function gotValueBytes(index: i32, bytes: Uint8Array): void {
  send("@v:" + index.toString(), bytes.dataStart, bytes.length);
}

/** After {@link gotList}, for the same list. */
export function gotValue(name: string, value: string | null): void {
  sendText("@g:" + name, value == null ? "n" : "=" + value);
}

export function gotAll(name: string, values: string[]): void {
  const parts: string[] = [values.length.toString()];
  sendText("@a:" + name, parts.concat(values).join("\x01"));
}

export function gotEnvironment(variables: Map<string, string>): void {
  const parts: string[] = [];
  const names = variables.keys();
  for (let i = 0; i < names.length; i++) parts.push(names[i] + "=" + variables.get(names[i]));
  sendText("@e", parts.join("\x01"));
}
