import { FilterStatus, registerTcpContext, TcpContext } from "proxy-wasm-as";

// One object for each connection.
class CountBytes extends TcpContext {
  private fromClient: u64 = 0;
  private fromUpstream: u64 = 0;

  override onDownstreamData(dataSize: u32, endOfStream: bool): FilterStatus {
    this.fromClient += dataSize;
    return FilterStatus.Continue;
  }

  override onUpstreamData(dataSize: u32, endOfStream: bool): FilterStatus {
    this.fromUpstream += dataSize;
    return FilterStatus.Continue;
  }

  override onLog(): void {
    console.log(`${this.fromClient} bytes from the client, ${this.fromUpstream} from the upstream`);
  }
}
registerTcpContext<CountBytes>();
