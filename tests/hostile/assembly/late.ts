// The hostile guest as most filters are: names stand in the source, maps and bodies are used in their own callbacks, and
// streams come with their first callback.
import {
  FilterDataStatus,
  FilterHeadersStatus,
  FilterTrailersStatus,
  HttpContext,
  registerHttpContext,
} from "proxy-wasm-as";
import { Dice } from "./dice";
import * as report from "./report";

class Late extends HttpContext {
  text: string | null = null;
  bytes: Uint8Array | null = null;
  calls: u32 = 0;

  private begin(callback: string, seed: u32): Dice {
    report.entered(callback, this.contextId);
    this.calls++;
    return new Dice(seed + this.calls);
  }

  override onRequestHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    const dice = this.begin("request_headers", numHeaders);
    for (let n = dice.next(4); n > 0; n--) {
      switch (dice.next(9)) {
        case 0:
          this.text = this.requestHeaders.get("x-a");
          report.gotText(this.text);
          break;
        case 1:
          this.bytes = this.requestHeaders.getBytes("x-b");
          report.gotBytes(this.bytes);
          break;
        case 2:
          report.gotFlag(this.requestHeaders.has("x-c"));
          break;
        case 3:
          this.requestHeaders.set("x-d", dice.text());
          break;
        case 4:
          this.requestHeaders.add("x-e", "literal");
          break;
        case 5:
          this.requestHeaders.remove("x-f");
          break;
        case 6:
          report.gotList(this.requestHeaders.entries());
          break;
        case 7:
          this.requestHeaders.add(dice.name(), dice.text());
          break;
        default:
          if (dice.next(4) == 0) return this.sendLocalResponse(200 + dice.next(300), dice.text());
      }
      report.nothing();
    }
    return dice.next(4) ? FilterHeadersStatus.Continue : FilterHeadersStatus.StopIteration;
  }

  override onRequestBody(bodySize: u32, endOfStream: bool): FilterDataStatus {
    const dice = this.begin("request_body", bodySize);
    if (!dice.next(3)) return FilterDataStatus.StopIterationAndBuffer;
    const body = this.requestBody.bytes();
    report.gotBufferBytes(body);
    for (let i = 0; i < body.length; i++) if (body[i] > 0x60) body[i] = body[i] - 0x20;
    if (dice.next(2)) this.requestBody.replaceBytes(body);
    else this.requestBody.append(dice.text());
    report.nothing();
    return FilterDataStatus.Continue;
  }

  override onRequestTrailers(numTrailers: u32): FilterTrailersStatus {
    const dice = this.begin("request_trailers", numTrailers);
    const text = this.text;
    if (text != null) this.requestTrailers.set("x-a", text);
    report.nothing();
    return dice.next(4) ? FilterTrailersStatus.Continue : FilterTrailersStatus.StopIteration;
  }

  override onResponseHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    const dice = this.begin("response_headers", numHeaders);
    const text = this.text;
    const bytes = this.bytes;
    if (text != null) this.responseHeaders.add("x-a", text);
    if (bytes != null) this.responseHeaders.setBytes("x-b", bytes);
    if (dice.next(2)) this.resumeRequest();
    report.nothing();
    return FilterHeadersStatus.Continue;
  }

  override onResponseBody(bodySize: u32, endOfStream: bool): FilterDataStatus {
    const dice = this.begin("response_body", bodySize);
    report.gotBufferText(this.responseBody.text());
    this.responseBody.replace(dice.text());
    report.nothing();
    return FilterDataStatus.Continue;
  }
}
registerHttpContext<Late>();
