// A filter for tests of shared state: does what x-do asks for, and logs each call and what it gave.
import {
  callForeignFunction,
  Counter,
  FilterHeadersStatus,
  Gauge,
  getForeignFunctionStatus,
  Histogram,
  HttpContext,
  logInfo,
  MetricTags,
  registerHttpContext,
  registerRootContext,
  RootContext,
  SharedData,
  SharedDataBytesUpdater,
  SharedDataUpdater,
  SharedQueue,
  SharedValue,
  Status,
} from "proxy-wasm-as";

// Refused, with one line each: no proxy can be asked yet.
const early = new Counter("state_early");
early.increment();
SharedData.set("early", "too early");
SharedData.get("early");
SharedQueue.register("early");
callForeignFunction("early", new Uint8Array(0));

const counter = new Counter("state_counter");
const gauge = new Gauge("state_gauge");
const histogram = new Histogram("state_histogram");
const tags = new MetricTags();

function say(what: string, value: string): void {
  logInfo(what + " = " + value);
}

function text(value: SharedValue | null): string {
  return value == null ? "null" : '"' + value.text() + '"';
}

function numbers(bytes: Uint8Array | null): string {
  return bytes == null ? "null" : "[" + bytes.toString() + "]";
}

function metrics(): void {
  say("value", counter.value.toString());
  say("increment", counter.increment().toString());
  say("increment 4", counter.increment(4).toString());
  say("increment 0", counter.increment(0).toString());
  say("increment 2^63", counter.increment(1 << 63).toString());
  say("value", counter.value.toString());
  say("value again", counter.value.toString());
  say("same name", new Counter("state_counter").value.toString());
  say("set", gauge.set(10).toString());
  say("add -3", gauge.add(-3).toString());
  say("gauge", gauge.value.toString());
  say("gauge as counter", new Counter("state_gauge").value.toString());
  say("record", histogram.record(5).toString() + histogram.record(25).toString());
  say("early", early.increment().toString());
}

function tagged(): void {
  tags.clear().add("method", "GET").add("code", "200");
  say("tagged", counter.tagged(tags).increment(2).toString());
  const first = counter.tagged(tags);
  say("kept", (first == counter.tagged(tags)).toString());
  say("tagged value", first.value.toString());
  say("gauge", gauge.tagged(tags).set(3).toString());
  say("histogram", histogram.tagged(tags).record(7).toString());
  // What would end a value early or begin another tag.
  tags.clear().add("path", "/a;.;code=.=500;.;\n").add("empty", "");
  say("hostile", counter.tagged(tags).increment().toString());
  tags.clear().add("bad name", "1").add("", "2").add("code", "404");
  say("bad name", counter.tagged(tags).increment(9).toString());
  say(
    "long",
    counter
      .tagged(tags.add("long", "x".repeat(5000)))
      .increment()
      .toString(),
  );
}

function badNames(): void {
  const empty = new Counter("");
  say("empty", empty.increment().toString() + empty.increment().toString());
  say("line", new Gauge("two\nlines").set(1).toString());
  say("long", new Histogram("x".repeat(4097)).record(1).toString());
  say("longest", new Histogram("x".repeat(4096)).record(1).toString());
}

function sharedData(): void {
  say("missing", text(SharedData.get("none")));
  say("set", SharedData.set("key", "höher").toString());
  const value = SharedData.get("key");
  if (value == null) return;
  say("get", text(value) + value.length.toString() + numbers(value.bytes()));
  say("stale", SharedData.set("key", "no", value.cas + 1).toString());
  say("right", SharedData.set("key", "two", value.cas).toString());
  say("again", SharedData.set("key", "three", value.cas).toString());
  say("absent", SharedData.set("key", "four", SharedData.ABSENT).toString());
  say("now", text(SharedData.get("key")));
  say("first", SharedData.set("new", "first", SharedData.ABSENT).toString());
  say("second", SharedData.set("new", "second", SharedData.ABSENT).toString());
  say("new", text(SharedData.get("new")));
  const bytes = new Uint8Array(3);
  bytes[1] = 255;
  say("bytes", SharedData.setBytes("raw", bytes).toString());
  const raw = SharedData.get("raw");
  say("raw", raw == null ? "null" : numbers(raw.bytes()) + raw.text().length.toString());
  say("remove", SharedData.remove("key").toString() + SharedData.remove("never").toString());
  say("removed", text(SharedData.get("key")));
  say("empty key", SharedData.set("", "e").toString() + text(SharedData.get("")));
}

/** Writes behind the back of the one who updates, as often as told. */
class Disturbing extends SharedDataUpdater {
  calls: i32 = 0;

  constructor(private times: i32) {
    super();
  }

  override update(old: string | null): string | null {
    if (++this.calls <= this.times) SharedData.set("busy", "other " + this.calls.toString());
    return old == null ? "null!" : old + "!";
  }
}

class DisturbingBytes extends SharedDataBytesUpdater {
  override update(old: Uint8Array | null): Uint8Array | null {
    if (old != null && old.length > 3) return null;
    const longer = new Uint8Array(old == null ? 1 : old.length + 1);
    for (let i = 0; old != null && i < old.length; i++) longer[i] = old[i];
    longer[longer.length - 1] = <u8>longer.length;
    return longer;
  }
}

function update(): void {
  say("create", SharedData.update("sum", (old) => (old == null ? "1" : old + "1")).toString());
  say("change", SharedData.update("sum", (old) => (old == null ? "1" : old + "1")).toString());
  say("stop", SharedData.update("sum", (old) => null).toString());
  say("sum", text(SharedData.get("sum")));
  say("stop absent", SharedData.update("absent", (old) => null).toString());
  say("absent", text(SharedData.get("absent")));
  const twice = new Disturbing(2);
  say("disturbed", SharedData.updateWith("busy", twice).toString() + twice.calls.toString());
  say("busy", text(SharedData.get("busy")));
  const always = new Disturbing(i32.MAX_VALUE);
  say("gave up", SharedData.updateWith("busy", always, 5).toString() + always.calls.toString());
  say("bytes", SharedData.updateBytes("list", (old) => (old == null ? new Uint8Array(2) : null)).toString());
  const adds = new DisturbingBytes();
  for (let i = 0; i < 4; i++) SharedData.updateBytesWith("list", adds);
  const list = SharedData.get("list");
  say("list", list == null ? "null" : numbers(list.bytes()));
}

function queues(): void {
  say("unknown", (SharedQueue.resolve("", "nobody's") == null).toString());
  say("other VM", (SharedQueue.resolve("no such VM", "own") == null).toString());
  const queue = SharedQueue.register("own");
  if (queue == null) return;
  const resolved = SharedQueue.resolve("", "own");
  say("same", (resolved != null && resolved.id == queue.id && SharedQueue.of(queue.id) == queue).toString());
  say("empty", (queue.dequeue() == null && queue.dequeueBytes() == null).toString());
  const bytes = new Uint8Array(2);
  bytes[0] = 255;
  say(
    "enqueue",
    queue.enqueue("eins").toString() + queue.enqueueBytes(bytes).toString() + queue.enqueue("").toString(),
  );
  const first = queue.dequeue();
  say("first", first == null ? "null" : first);
  say("second", numbers(queue.dequeueBytes()));
  const third = queue.dequeue();
  say("third", third == null ? "null" : '"' + third + '"');
  say("fourth", (queue.dequeue() == null).toString());
  const none = SharedQueue.of(123456);
  say("no queue", none.enqueue("x").toString() + (none.dequeue() == null).toString());
}

function foreign(): void {
  const answer = callForeignFunction("no_such_function", new Uint8Array(3));
  say("unknown", (answer == null).toString() + getForeignFunctionStatus().toString());
  const compressed = callForeignFunction("compress", new Uint8Array(1000));
  if (compressed == null) return;
  say("compress", (compressed.length < 100).toString() + getForeignFunctionStatus().toString());
  const whole = callForeignFunction("uncompress", compressed);
  say("uncompress", whole == null ? "null" : whole.length.toString());
  const bad = callForeignFunction("uncompress", new Uint8Array(3));
  say("bad", (bad == null).toString() + getForeignFunctionStatus().toString());
}

class State extends HttpContext {
  override onRequestHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    const task = this.requestHeaders.get("x-do");
    if (task == "metrics") metrics();
    else if (task == "tagged") tagged();
    else if (task == "bad names") badNames();
    else if (task == "shared data") sharedData();
    else if (task == "update") update();
    else if (task == "queues") queues();
    else if (task == "foreign") foreign();
    else if (task == "count")
      SharedData.update("count", (old) => ((old == null ? 0 : I32.parseInt(old)) + 1).toString());
    else if (task == "read") say("count", text(SharedData.get("count")));
    else if (task == "many") {
      // More than a VM may define; every name is a new one.
      let status: Status = Status.Ok;
      for (let i = 0; i < 10010; i++) status = new Counter("many_" + i.toString()).increment();
      say("many", status.toString());
    } else counter.increment();
    return FilterHeadersStatus.Continue;
  }
}

class Root extends RootContext {
  override onQueueReady(queueId: u32): void {
    const item = SharedQueue.of(queueId).dequeue();
    if (item != null) say("ready", item);
  }
}

registerRootContext<Root>();
registerHttpContext<State>();
