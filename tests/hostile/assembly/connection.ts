// Connection: a TCP connection that does anything the API offers, in every callback.
import { FilterStatus, PeerType, TcpContext } from "proxy-wasm-as";
import { useBuffer, useSystem } from "./act";
import { Dice } from "./dice";
import * as report from "./report";

export class Connection extends TcpContext {
  flow(dice: Dice): void {
    switch (dice.next(4)) {
      case 0:
        this.resumeDownstream();
        break;
      case 1:
        this.closeDownstream();
        break;
      case 2:
        this.closeUpstream();
        break;
      default:
        this.resumeUpstream();
    }
    report.nothing();
  }

  private act(callback: string, seed: u32): FilterStatus {
    report.entered(callback, this.contextId);
    const dice = new Dice(seed);
    for (let n = dice.next(4); n > 0; n--) {
      const kind = dice.next(4);
      if (kind < 2) useBuffer(dice.next(2) ? this.downstreamData : this.upstreamData, dice);
      else if (kind == 2) useSystem(dice);
      else this.flow(dice);
    }
    return dice.next(3);
  }

  override onNewConnection(): FilterStatus {
    return this.act("new_connection", this.contextId);
  }

  override onDownstreamData(dataSize: u32, endOfStream: bool): FilterStatus {
    return this.act("downstream_data", dataSize);
  }

  override onUpstreamData(dataSize: u32, endOfStream: bool): FilterStatus {
    return this.act("upstream_data", dataSize);
  }

  override onDownstreamConnectionClose(peer: PeerType): void {
    this.act("downstream_connection_close", peer);
  }

  override onUpstreamConnectionClose(peer: PeerType): void {
    this.act("upstream_connection_close", peer);
  }

  override onLog(): void {
    this.act("log", this.contextId * 3 + 1);
  }

  override onDone(): bool {
    return this.act("done", this.contextId * 3 + 2) == FilterStatus.Continue;
  }

  override onDelete(): void {
    this.act("delete", this.contextId * 3 + 3);
  }
}
