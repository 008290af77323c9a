// Greets whom the configuration names, and counts the greetings of this thread.
import { FilterHeadersStatus, HttpContext, registerRootContext, RootContext } from "proxy-wasm-as";

class Greeter extends RootContext {
  name: string = "world";
  greeted: u32 = 0;

  override onConfigure(pluginConfigurationSize: u32): bool {
    const name = this.configuration.text().trim();
    if (name.length) this.name = name;
    console.log("greeting " + this.name);
    return true;
  }

  override createHttpContext(contextId: u32): HttpContext {
    return new Greeting(this);
  }
}

class Greeting extends HttpContext {
  constructor(private greeter: Greeter) {
    super();
  }

  override onResponseHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    this.greeter.greeted++;
    this.responseHeaders.add("hello", this.greeter.name);
    this.responseHeaders.add("x-greeting-number", this.greeter.greeted.toString());
    return FilterHeadersStatus.Continue;
  }
}

registerRootContext<Greeter>();
