// Logs the first query parameter named `token` of every request, decoded, or that there is none.
import { FilterHeadersStatus, HttpContext, logInfo, registerHttpContext } from "proxy-wasm-as";

class LogQuery extends HttpContext {
  override onRequestHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    const path = this.requestHeaders.get(":path");
    if (path != null) {
      const token = queryParameter(path, "token");
      logInfo("token: " + (token == null ? "<missing>" : token));
    }
    return FilterHeadersStatus.Continue;
  }
}
registerHttpContext<LogQuery>();

function queryParameter(path: string, name: string): string | null {
  const url = path.split("#")[0];
  const start = url.indexOf("?");
  if (start < 0) return null;
  const parameters = url.substring(start + 1).split("&");
  for (let i = 0; i < parameters.length; i++) {
    const parameter = parameters[i];
    const equals = parameter.indexOf("=");
    const key = equals < 0 ? parameter : parameter.substring(0, equals);
    if (decode(key) == name) return equals < 0 ? "" : decode(parameter.substring(equals + 1));
  }
  return null;
}

/** Decodes `+` and `%XX`. What is no escape stays as it is: `decodeURIComponent` would trap on it. */
function decode(text: string): string {
  const bytes = Uint8Array.wrap(String.UTF8.encode(text.replaceAll("+", " ")));
  let length = 0;
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i] == 0x25 /* % */ && i + 2 < bytes.length) {
      const digits = (hexDigit(bytes[i + 1]) << 4) | hexDigit(bytes[i + 2]);
      if (digits >= 0) {
        bytes[length++] = <u8>digits;
        i += 2;
        continue;
      }
    }
    bytes[length++] = bytes[i];
  }
  return String.UTF8.decode(bytes.subarray(0, length).slice().buffer);
}

/** The value of a hexadecimal digit, or -1. */
function hexDigit(byte: u8): i32 {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
