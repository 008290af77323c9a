// A filter for tests of header maps: what it finds goes into response headers, what it does is asked for in x-do.
import {
  FilterHeadersStatus,
  HeaderList,
  HttpContext,
  logInfo,
  registerHttpContext,
  Status,
} from "proxy-wasm-as";

function shown(value: string | null): string {
  return value == null ? "null" : '"' + value + '"';
}

function bytes(...values: u8[]): Uint8Array {
  const array = new Uint8Array(values.length);
  for (let i = 0; i < values.length; i++) array[i] = values[i];
  return array;
}

class Headers extends HttpContext {
  task: string = "";
  found: HeaderList = new HeaderList();

  note(name: string, value: string): void {
    this.found.add(name, value);
  }

  override onRequestHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    const headers = this.requestHeaders;
    const task = headers.get("x-do");
    if (task == null) return FilterHeadersStatus.Continue;
    this.task = task;
    if (task == "read") {
      this.note("x-missing", shown(headers.get("x-nothing")));
      this.note("x-empty", shown(headers.get("X-Empty")));
      this.note("x-first", shown(headers.get("x-many")));
      this.note("x-all", headers.getAll("x-many").join("|"));
      this.note("x-none", headers.getAll("x-nothing").length.toString());
      this.note("x-has", headers.has("x-empty").toString() + headers.has("x-nothing").toString());
      this.note("x-size", (headers.byteSize > 20).toString());
    } else if (task == "bytes") {
      const raw = headers.getBytes("x-raw");
      if (raw != null) {
        headers.setBytes("x-copy", raw);
        headers.addBytes("x-added", raw);
        this.note("x-raw-length", raw.length.toString());
      }
      const text = headers.get("x-raw");
      this.note("x-text-length", text == null ? "null" : text.length.toString());
      this.note("x-absent-bytes", (headers.getBytes("x-nothing") == null).toString());
    } else if (task == "count") {
      const all = headers.entries();
      let largest = 0;
      for (let i = 0; i < all.length; i++) largest = max(largest, all.value(i).length);
      this.note("x-count", all.length.toString());
      this.note("x-number", numHeaders.toString());
      this.note("x-largest", largest.toString());
    } else if (task == "edit") {
      this.note("x-add", headers.add("x-new", "one").toString() + headers.add("x-new", "two").toString());
      this.note("x-set", headers.set("x-many", "only").toString());
      this.note("x-remove", headers.remove("x-gone").toString() + headers.remove("x-nothing").toString());
    } else if (task == "setAll") {
      const all = HeaderList.from([["x-only", "this"]]);
      this.note("x-set-all", headers.setAll(all).toString());
    } else if (task == "clear") {
      this.note("x-set-all", headers.setAll(new HeaderList()).toString());
    } else if (task == "setAll too many") {
      const all = new HeaderList();
      for (let i = 0; i < 1025; i++) all.add("x-many", i.toString());
      this.note("x-set-all", headers.setAll(all).toString());
      const large = HeaderList.from([["x-large", "x".repeat(1 << 20)]]);
      this.note("x-set-large", headers.setAll(large).toString());
    } else if (task == "bad request") {
      this.note("x-statuses", this.bad());
    } else if (task == "wrong phase") {
      this.note("x-response", shown(this.responseHeaders.get("x")));
      this.note("x-write", this.responseHeaders.add("x", "y").toString());
    } else if (task == "bad reply") {
      const list = new HeaderList();
      this.note("x", "");
      logInfo(
        "list: " +
          list.add("x-evil", "a\r\nx-injected: 1").toString() +
          list.add("x-evil: 1\r\nx-injected", "a").toString() +
          list.addBytes("x-evil", bytes(97, 0, 98)).toString() +
          list.add(":status", "299").toString(),
      );
      list.add("x-good", "1");
      return this.sendLocalResponse(403, "no", list, "a\r\nb");
    }
    return FilterHeadersStatus.Continue;
  }

  bad(): string {
    const headers = this.task == "bad request" ? this.requestHeaders : this.responseHeaders;
    const statuses: Status[] = [
      headers.add("x-evil", "a\r\nx-injected: 1"),
      headers.set("x-evil", "a\nx-injected: 1"),
      headers.set("x-evil", "a\0b"),
      headers.setBytes("x-evil", bytes(97, 13, 98)),
      headers.addBytes("x-evil", bytes(97, 10, 98)),
      headers.add("x-evil: 1\r\nx-injected", "a"),
      headers.set("x evil", "a"),
      headers.set("", "a"),
      headers.set(":", "a"),
      headers.set("x-é", "a"),
      headers.remove("x\r\n"),
    ];
    return statuses.join("");
  }

  override onResponseHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    if (this.task == "bad response") this.note("x-statuses", this.bad());
    if (this.task == "late") this.note("x-late", shown(this.requestHeaders.get("x-do")));
    for (let i = 0; i < this.found.length; i++) {
      this.responseHeaders.add(this.found.name(i), this.found.value(i));
    }
    return FilterHeadersStatus.Continue;
  }

  override onLog(): void {
    if (this.task == "log") {
      logInfo(
        "log: " +
          shown(this.requestHeaders.get("x-do")) +
          shown(this.requestHeaders.get("x-nothing")) +
          shown(this.responseHeaders.get(":status")) +
          shown(this.requestTrailers.get("x")) +
          shown(this.responseTrailers.get("x")),
      );
    }
  }
}
registerHttpContext<Headers>();
