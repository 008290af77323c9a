// What each instruction of a script does: one host function, and a line in the log with what it answered.
import * as env from "./env";
import { Program } from "./program";
import { Bytes, clearOut, decoded, OUT, outText, pairsOf, pairsText, shown, write } from "./bytes";

const tokens: Map<string, u32> = new Map();

/** The stream whose script was read last. */
export class Last {
  static stream: u32 = 0;
  static program: Program = new Program("");
}

function number(words: string[], index: i32, absent: i64 = 0): i64 {
  return index < words.length && words[index].length ? I64.parseInt(words[index]) : absent;
}

function word(words: string[], index: i32): string {
  return index < words.length ? words[index] : "";
}

function token(name: string): u32 {
  return tokens.has(name) ? tokens.get(name) : <u32>I64.parseInt("0" + name);
}

/** Does it, and logs the first `echo` words with the status, and the value if there is one. */
export function perform(words: string[]): void {
  const op = words[0];
  let echo = 2;
  let value = "";
  let hasValue = false;
  clearOut();
  let status = headers(words);
  if (status < 0) status = messages(words);
  if (status < 0) status = shared(words);
  if (op == "get" || op == "add" || op == "set" || op == "remove" || op == "setprop") echo = 3;
  if (op == "get" || op == "body" || op == "dget" || op == "deq" || op == "foreign") {
    hasValue = true;
    value = op == "foreign" && word(words, 3) == "n" ? decoded(outText(), "n") : shown(outText());
    if (op == "dget" && status == 0 && word(words, 2) == "cas") value += " " + load<u32>(OUT, 8).toString();
  } else if (op == "pairs") {
    hasValue = true;
    value = pairsText(outText());
  } else if (op == "prop") {
    hasValue = true;
    value = status == 0 ? decoded(outText(), word(words, 2)) : outText();
  } else if (op == "size" || op == "len" || op == "level") {
    hasValue = true;
    value = status == 0 ? load<u32>(OUT).toString() : "";
  } else if (op == "mget") {
    hasValue = true;
    value = status == 0 ? load<u64>(OUT).toString() : "";
  } else if (op == "status") {
    hasValue = true;
    value = load<u32>(OUT, 8).toString() + " " + shown(outText());
  }
  let line = words[0];
  for (let i = 1; i < echo && i < words.length; i++) line += " " + shown(words[i]);
  line += " = " + status.toString();
  if (hasValue && value.length) line += " " + value;
  write(line);
}

function headers(words: string[]): i32 {
  const op = words[0];
  const type = <u32>number(words, 1);
  const name = new Bytes(word(words, 2));
  const value = new Bytes(word(words, 3));
  if (op == "get") return env.getHeader(type, name.at, name.size, OUT, OUT + 4);
  if (op == "add") return env.addHeader(type, name.at, name.size, value.at, value.size);
  if (op == "set") return env.setHeader(type, name.at, name.size, value.at, value.size);
  if (op == "remove") return env.removeHeader(type, name.at, name.size);
  if (op == "pairs") return env.getPairs(type, OUT, OUT + 4);
  if (op == "size") return env.getHeaderSize(type, OUT);
  if (op == "setraw") return env.setPairs(type, name.at, name.size);
  if (op == "setall") {
    const pairs = new Bytes(pairsOf(words.slice(2)));
    return env.setPairs(type, pairs.at, pairs.size);
  }
  return -1;
}

function messages(words: string[]): i32 {
  const op = words[0];
  const first = new Bytes(word(words, 1));
  const second = new Bytes(word(words, 2));
  const type = <u32>number(words, 1);
  if (op == "body")
    return env.getBuffer(type, <u32>number(words, 2), <u32>number(words, 3, 0xffffffff), OUT, OUT + 4);
  if (op == "len") return env.getBufferStatus(type, OUT, OUT + 4);
  if (op == "put") {
    const data = new Bytes(word(words, 4));
    return env.setBuffer(type, <u32>number(words, 2), <u32>number(words, 3), data.at, data.size);
  }
  if (op == "prop") return env.getProperty(first.at, first.size, OUT, OUT + 4);
  if (op == "setprop") return env.setProperty(first.at, first.size, second.at, second.size);
  if (op == "continue") return env.continueStream(type);
  if (op == "close") return env.closeStream(type);
  if (op == "tick") return env.setTickPeriod(type);
  if (op == "done") return env.done();
  if (op == "status") return env.getStatus(OUT + 8, OUT, OUT + 4);
  if (op == "level") return env.getLogLevel(OUT);
  if (op == "effective") return env.setEffectiveContext(words[1] == "self" ? Last.stream : type);
  if (op == "foreign")
    return env.callForeignFunction(first.at, first.size, second.at, second.size, OUT, OUT + 4);
  if (op == "reply") {
    const details = new Bytes(word(words, 3));
    const extra = new Bytes(words.length > 5 ? pairsOf(words.slice(5)) : "");
    return env.sendLocalResponse(
      type,
      details.at,
      details.size,
      second.at,
      second.size,
      extra.at,
      extra.size,
      <i32>number(words, 4, -1),
    );
  }
  return -1;
}

function shared(words: string[]): i32 {
  const op = words[0];
  const first = new Bytes(word(words, 1));
  const second = new Bytes(word(words, 2));
  if (op == "call") {
    const pairs = new Bytes(pairsOf(words.slice(4)));
    const body = new Bytes(word(words, 3));
    return env.httpCall(
      first.at,
      first.size,
      pairs.at,
      pairs.size,
      body.at,
      body.size,
      0,
      0,
      <u32>number(words, 2),
      OUT,
    );
  }
  if (op == "grpc" || op == "gstream") {
    const service = new Bytes("test.Service");
    const method = new Bytes("Method");
    const message = new Bytes(word(words, 3));
    if (op == "gstream")
      return env.grpcStream(
        first.at,
        first.size,
        service.at,
        service.size,
        method.at,
        method.size,
        0,
        0,
        OUT,
      );
    return env.grpcCall(
      first.at,
      first.size,
      service.at,
      service.size,
      method.at,
      method.size,
      0,
      0,
      message.at,
      message.size,
      <u32>number(words, 2),
      OUT,
    );
  }
  if (op == "dget") return env.getSharedData(first.at, first.size, OUT, OUT + 4, OUT + 8);
  if (op == "dset") return env.setSharedData(first.at, first.size, second.at, second.size, cas(words));
  if (op == "qreg") return remember(words[1], env.registerQueue(first.at, first.size, OUT));
  if (op == "qres")
    return remember(words[2], env.resolveQueue(first.at, first.size, second.at, second.size, OUT));
  if (op == "enq") return env.enqueue(token(words[1]), second.at, second.size);
  if (op == "deq") return env.dequeue(token(words[1]), OUT, OUT + 4);
  if (op == "mdef")
    return remember(words[2], env.defineMetric(<u32>number(words, 1), second.at, second.size, OUT));
  if (op == "minc") return env.incrementMetric(token(words[1]), number(words, 2));
  if (op == "mrec") return env.recordMetric(token(words[1]), <u64>number(words, 2));
  if (op == "mget") return env.getMetric(token(words[1]), OUT);
  if (op == "write") {
    store<u32>(OUT, <u32>second.at);
    store<u32>(OUT, <u32>second.size, 4);
    return env.fdWrite(<u32>number(words, 1), OUT, 1, OUT + 8);
  }
  return -1;
}

function remember(name: string, status: u32): u32 {
  if (status == 0) tokens.set(name, load<u32>(OUT));
  return status;
}

/** A cas number, or `last`: the one that dget has just found. */
function cas(words: string[]): u32 {
  if (word(words, 3) != "last") return <u32>number(words, 3);
  const key = new Bytes(words[1]);
  env.getSharedData(key.at, key.size, OUT, OUT + 4, OUT + 8);
  return load<u32>(OUT, 8);
}
