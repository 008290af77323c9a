// Logs each TCP connection: where it came from, how much went each way, and how long it took.
import {
  FilterStatus,
  getCurrentTimeNanoseconds,
  getPropertyBytes,
  registerTcpContext,
  TcpContext,
} from "proxy-wasm-as";

class TcpLogger extends TcpContext {
  start: u64 = 0;
  sent: u64 = 0;
  received: u64 = 0;

  override onNewConnection(): FilterStatus {
    this.start = getCurrentTimeNanoseconds();
    return FilterStatus.Continue;
  }

  override onDownstreamData(dataSize: u32, endOfStream: bool): FilterStatus {
    this.sent += dataSize;
    return FilterStatus.Continue;
  }

  override onUpstreamData(dataSize: u32, endOfStream: bool): FilterStatus {
    this.received += dataSize;
    return FilterStatus.Continue;
  }

  override onLog(): void {
    const source = getPropertyBytes(["source", "address"]);
    const address = source == null ? "unknown" : String.UTF8.decode(source.buffer);
    const milliseconds = (getCurrentTimeNanoseconds() - this.start) / 1_000_000;
    console.log(`${address}: ${this.sent} bytes sent, ${this.received} received, ${milliseconds} ms`);
  }
}
registerTcpContext<TcpLogger>();
