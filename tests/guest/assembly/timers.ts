// A root whose timers are told by its configuration, and which logs when they come.
import {
  FilterHeadersStatus,
  HttpContext,
  LogLevel,
  RootContext,
  Status,
  TimerHandler,
  log,
  logInfo,
  registerRootContext,
} from "proxy-wasm-as";

class Named extends TimerHandler {
  constructor(
    private root: Root,
    private name: string,
  ) {
    super();
  }
  onTimer(timerId: u32): void {
    this.root.note(this.name, timerId);
  }
}

class Root extends RootContext {
  private ids: Map<string, u32> = new Map();
  private finish: u32 = 0;
  private kept: u32 = 0;

  note(name: string, timerId: u32): void {
    logInfo(`${name} ${timerId}`);
  }

  /** Lines such as `every 100 a`: what is to be done, milliseconds, a name. */
  override onConfigure(size: u32): bool {
    const lines = this.configuration.text().split("\n");
    for (let i = 0; i < lines.length; i++) this.act(lines[i].split(" "));
    return true;
  }

  private act(words: string[]): void {
    const milliseconds = words.length > 1 ? <u32>u64.parse(words[1]) : 0;
    const name = words.length > 2 ? words[2] : "";
    const what = words[0];
    if (what == "every") {
      this.ids.set(name, this.setIntervalWith(milliseconds, new Named(this, name)));
    } else if (what == "once") {
      this.ids.set(name, this.setTimeoutWith(milliseconds, new Named(this, name)));
    } else if (what == "id") {
      logInfo(`${name} ${this.setInterval(milliseconds, () => {})}`);
    } else if (what == "three-times") {
      const counter = [3];
      this.setInterval(milliseconds, (timerId) => {
        counter[0]--;
        this.note(name, counter[0]);
        if (!counter[0]) logInfo(`cleared ${this.clearTimer(timerId)} ${this.clearTimer(timerId)}`);
      });
    } else if (what == "chain") {
      this.chain(milliseconds, name);
    } else if (what == "clear-other") {
      this.setTimeout(milliseconds, () => {
        logInfo(`clear ${name} ${this.clearTimer(this.ids.get(name))}`);
      });
    } else if (what == "plain") {
      this.setTimeout(milliseconds, (timerId) => {
        logInfo(`plain ${timerId}`);
      });
    } else if (what == "tick") {
      logInfo(`tick ${this.setTickPeriodMilliseconds(milliseconds)}`);
    } else if (what == "untick") {
      this.setTimeout(milliseconds, () => {
        logInfo(`untick ${this.setTickPeriodMilliseconds(0)}`);
      });
    } else if (what == "done") {
      this.finish = milliseconds;
    } else if (what == "garbage") {
      const text = "kept " + name;
      this.setInterval(milliseconds, () => {
        for (let i = 0; i < 50; i++) log(LogLevel.Trace, `garbage ${i}`);
        if (text != "kept " + name) logInfo("lost");
        else this.kept++;
        if (this.kept == 500) logInfo(text);
      });
    } else if (what == "unknown") {
      logInfo(`unknown ${this.clearTimer(77) == Status.NotFound}`);
    }
  }

  private chain(milliseconds: u32, name: string): void {
    this.setTimeout(milliseconds, () => {
      this.note("chain", 0);
      this.chain(milliseconds, name);
    });
  }

  override onTick(): void {
    logInfo("onTick");
  }

  override createHttpContext(contextId: u32): HttpContext {
    return new Stream(this);
  }

  override onDone(): bool {
    if (!this.finish) return true;
    this.setTimeout(this.finish, () => {
      logInfo(`done ${this.done()}`);
    });
    return false;
  }
}

/** Waits as long as the header `wait` says. */
class Stream extends HttpContext {
  constructor(private root: Root) {
    super();
  }

  override onRequestHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    const wait = this.requestHeaders.get("wait");
    if (wait == null) return FilterHeadersStatus.Continue;
    const id = this.root.setTimeout(<u32>u64.parse(wait), (timerId) => {
      logInfo(`${wait} ${this.resumeRequest()}`);
    });
    logInfo(`waits ${id != 0}`);
    return FilterHeadersStatus.StopIteration;
  }
}
registerRootContext<Root>();
