// A filter whose streams keep texts, bytes and objects of all sizes until they end.
import { FilterDataStatus, FilterHeadersStatus, HttpContext, registerHttpContext } from "proxy-wasm-as";

class Entry {
  constructor(
    public name: string,
    public values: string[],
  ) {}
}

class Keeper extends HttpContext {
  header: string | null = null;
  entries: Map<string, Entry> = new Map();
  body: Uint8Array | null = null;

  override onRequestHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    const value = this.requestHeaders.get("x-value");
    this.header = value;
    const count = this.contextId % 7;
    for (let i: u32 = 0; i < count; i++) {
      const name = "entry-" + i.toString();
      this.entries.set(name, new Entry(name, [this.contextId.toString(), `${i}/${count}`]));
    }
    return FilterHeadersStatus.Continue;
  }

  override onRequestBody(bodySize: u32, endOfStream: bool): FilterDataStatus {
    const body = this.requestBody.bytes();
    // Most only look at a body, some keep a part of it.
    if (this.contextId % 5 == 0) this.body = body.slice(0, 1000);
    else this.requestBody.text();
    return FilterDataStatus.Continue;
  }

  override onResponseHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    const header = this.header;
    if (header != null) this.responseHeaders.add("x-value", header);
    return FilterHeadersStatus.Continue;
  }
}
registerHttpContext<Keeper>();
