// A network filter that does anything the API offers, at random but repeatably: the seed its client sends decides.
import {
  Buffer,
  FilterStatus,
  getPropertyBytes,
  logInfo,
  PeerType,
  registerRootContext,
  RootContext,
  setPropertyBytes,
  TcpContext,
} from "proxy-wasm-as";

class Root extends RootContext {
  known: Chaos[] = [];

  override onConfigure(pluginConfigurationSize: u32): bool {
    this.setTickPeriodMilliseconds(5);
    return true;
  }

  // Connections stay known after they are gone: acting on them must be harmless too.
  override onTick(): void {
    this.actOnAll("tick");
    if (this.known.length > 40) this.known = this.known.slice(20);
  }

  /** As an access logger: also of connections that are not yet over for their filter. */
  override onLog(): void {
    this.actOnAll("root log");
  }

  private actOnAll(where: string): void {
    const known = this.known;
    for (let i = 0; i < known.length; i++) known[i].act(2, where);
  }

  override createTcpContext(contextId: u32): TcpContext {
    return new Chaos(this);
  }
}

class Chaos extends TcpContext {
  state: u32 = 0;
  seeded: bool = false;

  constructor(private root: Root) {
    super();
    this.state = this.contextId * 0x9e3779b1;
    this.act(1, "constructor");
    this.root.known.push(this);
  }

  get traced(): bool {
    return this.root.configuration.text() == "trace";
  }

  next(below: u32): u32 {
    let x = this.state;
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    this.state = x;
    return x % below;
  }

  act(most: u32, where: string): void {
    if (this.traced) logInfo(this.contextId.toString() + " in " + where);
    for (let n = this.next(most + 1); n > 0; n--) this.actOnce();
  }

  actOnce(): void {
    const data: Buffer = this.next(2) ? this.downstreamData : this.upstreamData;
    const action = this.next(20);
    if (this.traced) logInfo(this.contextId.toString() + " does " + action.toString());
    switch (action) {
      case 0:
      case 1:
      case 2:
        this.resumeDownstream();
        break;
      case 3:
      case 4:
        this.resumeUpstream();
        break;
      case 5:
        if (!this.next(3)) this.closeDownstream();
        break;
      case 6:
        if (!this.next(3)) this.closeUpstream();
        break;
      case 7:
        data.replace("chaos ".repeat(this.next(100)));
        break;
      case 8:
        data.append("tail");
        break;
      case 9:
        data.prepend("head");
        break;
      case 10:
        data.text();
        break;
      case 11:
        data.bytes(this.next(10), this.next(20));
        break;
      case 12:
        data.replaceBytes(new Uint8Array(this.next(200000)));
        break;
      case 13:
        setPropertyBytes("chaos", new Uint8Array(this.next(20)));
        break;
      case 14:
        getPropertyBytes(["source", "address"]);
        break;
      case 15:
        getPropertyBytes(["upstream", "address"]);
        break;
      case 16:
        this.root.requestHeaders.get("x");
        break;
      case 17:
        this.root.responseHeaders.entries();
        break;
      case 18:
        this.root.setTickPeriodMilliseconds(3 + this.next(5));
        break;
      default:
        if (data.length) data.replace("");
    }
  }

  /** Mostly what a filter would answer, now and then anything. */
  status(): FilterStatus {
    const status: i32 = this.next(3) ? 0 : this.next(4) ? 1 : <i32>this.next(200) - 100;
    if (this.traced) logInfo(this.contextId.toString() + " returns " + status.toString());
    return status;
  }

  override onNewConnection(): FilterStatus {
    this.act(2, "onNewConnection");
    return this.next(4) ? FilterStatus.Continue : this.status();
  }

  override onDownstreamData(dataSize: u32, endOfStream: bool): FilterStatus {
    if (!this.seeded) {
      this.seeded = true;
      const seed = this.downstreamData.text().split(" ");
      if (seed.length > 1) this.state = U32.parseInt(seed[1]) * 0x9e3779b1 + (this.contextId % 2);
    }
    this.act(3, "onDownstreamData");
    return this.status();
  }

  override onUpstreamData(dataSize: u32, endOfStream: bool): FilterStatus {
    this.act(3, "onUpstreamData");
    return this.status();
  }

  override onDownstreamConnectionClose(peer: PeerType): void {
    this.act(3, "onDownstreamConnectionClose");
  }

  override onUpstreamConnectionClose(peer: PeerType): void {
    this.act(3, "onUpstreamConnectionClose");
  }

  override onLog(): void {
    this.act(3, "onLog");
  }

  override onDone(): bool {
    this.act(3, "onDone");
    return true;
  }

  override onDelete(): void {
    this.act(3, "onDelete");
  }
}

registerRootContext<Root>();
