// Lets a TCP connection through only if an authorization service says so; without an answer it is closed.
import {
  FilterStatus,
  getPropertyBytes,
  HttpCallRequest,
  registerTcpContext,
  Status,
  TcpContext,
} from "proxy-wasm-as";

class TcpGuard extends TcpContext {
  override onNewConnection(): FilterStatus {
    const source = getPropertyBytes(["source", "address"]);
    const client = source == null ? "unknown" : String.UTF8.decode(source.buffer);
    const request = new HttpCallRequest("auth", "/check");
    request.headers.add("x-client", client);
    request.timeoutMilliseconds = 1000;
    const status = this.httpCall(request, (response) => {
      if (response.status == 200) {
        this.resumeDownstream();
      } else {
        console.warn(`${client} is refused: ${response.status}`);
        this.closeDownstream();
      }
    });
    if (status != Status.Ok) this.closeDownstream();
    // Nothing is read, and no upstream is connected, until the answer is there.
    return FilterStatus.StopIteration;
  }
}
registerTcpContext<TcpGuard>();
