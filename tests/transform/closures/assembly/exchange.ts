// A filter that makes calls in the callbacks of calls, with what each of them has found.
import {
  FilterHeadersStatus,
  HttpCallRequest,
  HttpContext,
  registerRootContext,
  RootContext,
} from "proxy-wasm-as";

class Exchange extends HttpContext {
  private calls: u32 = 0;

  constructor(private root: Root) {
    super();
  }

  private fail(where: string, status: u32): void {
    this.sendLocalResponse(502, `${where}: ${status} after ${this.calls} calls`);
  }

  override onRequestHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    const session = this.requestHeaders.get("session");
    if (session == null) return this.sendLocalResponse(401, "no session");
    const login = new HttpCallRequest("login", `/sessions/${session}`);
    const started = this.root.ticks;
    this.httpCall(login, (response) => {
      this.calls++;
      if (response.status != 200) return this.fail("login", response.status);
      const user = response.headers.get("user");
      if (!user) return this.fail("no user", 0);
      const body = response.body.text();
      this.httpCall(new HttpCallRequest("tokens", `/tokens/${user}`), (tokens) => {
        this.calls++;
        if (tokens.status != 200) return this.fail(`tokens of ${user}`, tokens.status);
        const token = tokens.body.text();
        this.requestHeaders.set(
          "token",
          `${session} ${user.length} ${body} ${token} ${numHeaders} ${endOfStream}`,
        );
        this.root.setTimeout(10, () => {
          this.calls++;
          console.log(`${user} ${this.calls} ${this.root.ticks - started}`);
          this.resumeRequest();
        });
      });
    });
    return FilterHeadersStatus.StopIteration;
  }
}

class Root extends RootContext {
  ticks: u32 = 0;

  override onConfigure(pluginConfigurationSize: u32): bool {
    this.setInterval(4, () => {
      this.ticks++;
    });
    return true;
  }

  override createHttpContext(contextId: u32): HttpContext {
    return new Exchange(this);
  }
}

registerRootContext<Root>();
