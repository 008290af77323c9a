import { registerRootContext, RootContext } from "proxy-wasm-as";

// One object on each thread of the proxy. It sees no requests: it works on its own, as long as the proxy runs.
class Heartbeat extends RootContext {
  private beats: u32 = 0;

  override onConfigure(pluginConfigurationSize: u32): bool {
    // Seconds between two beats; what is no number reads as 0.
    const seconds = pluginConfigurationSize == 0 ? 5 : I32.parseInt(this.configuration.text());
    if (seconds <= 0) {
      console.error("the configuration must be a number of seconds");
      return false;
    }
    this.setTickPeriodMilliseconds(seconds * 1000);
    return true;
  }

  override onTick(): void {
    this.beats++;
    console.log(`beat ${this.beats}`);
  }
}
registerRootContext<Heartbeat>();
