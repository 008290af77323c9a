// An access logger: a line for each request that was answered with the status, or above, that the configuration names.
import { getPropertyBytes, registerRootContext, RootContext } from "proxy-wasm-as";

function orDash(text: string | null): string {
  return text == null ? "-" : text;
}

class AccessLog extends RootContext {
  from: i64 = 0;

  override onConfigure(pluginConfigurationSize: u32): bool {
    const text = this.configuration.text().trim();
    if (text.length) this.from = I64.parseInt(text);
    return true;
  }

  override onLog(): void {
    // Any of these may be missing: a malformed request has no headers, one whose client left has no response.
    const status = this.responseHeaders.get(":status");
    if (status != null && I64.parseInt(status) < this.from) return;
    const method = orDash(this.requestHeaders.get(":method"));
    const path = orDash(this.requestHeaders.get(":path"));
    const details = getPropertyBytes(["response", "code_details"]);
    const reason = details == null ? "-" : String.UTF8.decode(details.buffer);
    console.log(`${method} ${path} ${orDash(status)} ${reason}`);
  }
}
registerRootContext<AccessLog>();
