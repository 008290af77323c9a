// Source text of small filters for tests.

/** A filter that runs these statements for the headers of a request; `top` stands at the top level, before its class. */
export function filter(statements: string, top = ""): string {
  return `import { FilterHeadersStatus, HttpContext, registerHttpContext } from "proxy-wasm-as";
${top}
class Filter extends HttpContext {
  override onRequestHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    ${statements}
    return FilterHeadersStatus.Continue;
  }
}
registerHttpContext<Filter>();
`;
}
