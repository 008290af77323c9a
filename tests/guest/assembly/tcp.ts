// A network filter that edits, holds, resumes and closes as its configuration asks, also where it must be refused.
import {
  FilterStatus,
  logInfo,
  PeerType,
  registerRootContext,
  RootContext,
  Status,
  TcpContext,
} from "proxy-wasm-as";

class Root extends RootContext {
  waiting: Connection[] = [];

  override onConfigure(pluginConfigurationSize: u32): bool {
    this.setTickPeriodMilliseconds(20);
    return true;
  }

  override onTick(): void {
    const waiting = this.waiting;
    this.waiting = [];
    for (let i = 0; i < waiting.length; i++) waiting[i].later();
  }

  override createTcpContext(contextId: u32): TcpContext {
    return new Connection(this, this.configuration.text());
  }
}

class Connection extends TcpContext {
  downstream: u32 = 0;
  upstream: u32 = 0;

  constructor(
    private root: Root,
    private task: string,
  ) {
    super();
    if (task == "early") this.note("closeDownstream", this.closeDownstream());
  }

  note(call: string, status: Status): void {
    logInfo(call + " " + status.toString());
  }

  wait(): FilterStatus {
    this.root.waiting.push(this);
    return FilterStatus.StopIteration;
  }

  /** From a tick. */
  later(): void {
    if (this.task == "new" || this.task == "hold") {
      this.note("resumeDownstream", this.resumeDownstream());
      this.note("again", this.resumeDownstream());
    } else if (this.task == "nothing" || this.task == "gone") {
      this.note("resumeDownstream", this.resumeDownstream());
      this.note("resumeUpstream", this.resumeUpstream());
      if (this.task == "gone") this.note("closeDownstream", this.closeDownstream());
    } else if (this.task == "hold upstream") {
      this.note("resumeUpstream", this.resumeUpstream());
    } else if (this.task == "close later") {
      this.note("closeDownstream", this.closeDownstream());
      this.note("closeUpstream", this.closeUpstream());
      this.note("resumeDownstream", this.resumeDownstream());
    } else if (this.task == "close upstream") {
      this.note("closeUpstream", this.closeUpstream());
    } else if (this.task == "resume close") {
      this.note("resumeDownstream", this.resumeDownstream());
      this.note("closeDownstream", this.closeDownstream());
    } else if (this.task == "outside") {
      this.readBoth("tick");
    }
  }

  readBoth(where: string): void {
    const read = this.downstreamData.text() + "," + this.upstreamData.text();
    logInfo(where + " reads " + read);
    this.note("replace", this.downstreamData.replace("x"));
    this.note("append", this.upstreamData.append("x"));
  }

  override onNewConnection(): FilterStatus {
    return this.task == "new" ? this.wait() : FilterStatus.Continue;
  }

  override onDownstreamData(dataSize: u32, endOfStream: bool): FilterStatus {
    if (dataSize == 0) return FilterStatus.Continue;
    const first = this.downstream++ == 0;
    const data = this.downstreamData;
    const text = data.text();
    if (this.task == "edit") {
      data.replace(text.toUpperCase());
      data.prepend("<");
      data.append(">");
    }
    if (this.task == "bytes") {
      const bytes = data.bytes(1, 3);
      data.replaceBytes(bytes);
      data.appendBytes(bytes);
    }
    if (this.task == "hold" || this.task == "resume close") return this.wait();
    if (this.task == "two" && first) return FilterStatus.StopIteration;
    if (this.task == "inside") {
      this.note("resumeDownstream", this.resumeDownstream());
      return FilterStatus.StopIteration;
    }
    if (this.task == "close") {
      this.note("closeDownstream", this.closeDownstream());
      this.note("resumeDownstream", this.resumeDownstream());
    }
    if (this.task == "nothing" || this.task == "close later" || this.task == "close upstream") this.wait();
    return FilterStatus.Continue;
  }

  override onUpstreamData(dataSize: u32, endOfStream: bool): FilterStatus {
    if (dataSize == 0) return FilterStatus.Continue;
    const first = this.upstream++ == 0;
    const data = this.upstreamData;
    if (this.task == "edit") data.replace(data.text() + "!");
    if (this.task == "hold upstream" && first) return this.wait();
    if (this.task == "outside") {
      this.note("replace", this.downstreamData.replace("x"));
      return first ? this.wait() : FilterStatus.StopIteration;
    }
    if (this.task == "inside") {
      this.note("resumeUpstream", this.resumeUpstream());
      return FilterStatus.StopIteration;
    }
    if (this.task == "close answer") this.note("closeUpstream", this.closeUpstream());
    return FilterStatus.Continue;
  }

  override onUpstreamConnectionClose(peer: PeerType): void {
    if (this.task == "peers") logInfo("upstream close " + peer.toString());
    if (this.task == "outside") this.readBoth("upstream close");
  }

  override onDownstreamConnectionClose(peer: PeerType): void {
    if (this.task == "peers") logInfo("downstream close " + peer.toString());
    if (this.task == "end") {
      this.note("closeDownstream", this.closeDownstream());
      this.note("resumeDownstream", this.resumeDownstream());
    }
  }

  override onDone(): bool {
    if (this.task == "end") this.note("done: closeDownstream", this.closeDownstream());
    return false;
  }

  override onLog(): void {
    if (this.task == "end") this.note("log: closeUpstream", this.closeUpstream());
  }

  override onDelete(): void {
    if (this.task == "gone") this.root.waiting.push(this);
    if (this.task == "end") {
      this.note("delete: closeDownstream", this.closeDownstream());
      this.note("delete: resumeDownstream", this.resumeDownstream());
    }
  }
}

registerRootContext<Root>();
