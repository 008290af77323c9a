// Root: a root context that does anything the API offers, also to streams that it has made and that may be gone.
import { MetricType, RootContext } from "proxy-wasm-as";
import { StatsUpdate } from "proxy-wasm-as/envoy";
import { useBuffer, useMap, useSystem } from "./act";
import { Connection } from "./connection";
import { Dice } from "./dice";
import * as report from "./report";
import { Stream } from "./stream";

/** Reads what a stats sink is told, and gives up where a host never ends. */
function readStats(): void {
  const stats = new StatsUpdate();
  for (let n = 0; n < 100 && stats.next(); n++) {
    if (stats.name.length == 0) unreachable();
    if (stats.type == MetricType.Gauge && stats.delta != 0) unreachable();
    if (stats.value == 0x0101010101010101) continue;
  }
}

export class Root extends RootContext {
  protected streams: Stream[] = [];
  protected connections: Connection[] = [];

  private act(callback: string, seed: u32): Dice {
    report.entered(callback, this.contextId);
    const dice = new Dice(seed);
    if (callback == "configure") {
      report.gotBufferText(this.configuration.text());
      if (this.configuration.length != this.configuration.bytes().length) unreachable();
    }
    for (let n = dice.next(5); n > 0; n--) {
      switch (dice.next(8)) {
        case 0:
          this.setTickPeriodMilliseconds(dice.next(100));
          break;
        case 1:
          this.done();
          break;
        case 2:
          useBuffer(this.vmConfiguration, dice);
          break;
        case 3:
          if (this.streams.length) this.streams[dice.next(this.streams.length)].flow(dice);
          break;
        case 4:
          if (this.connections.length) this.connections[dice.next(this.connections.length)].flow(dice);
          break;
        case 5:
          useMap(
            dice.next(2) ? this.requestHeaders : dice.next(2) ? this.responseHeaders : this.responseTrailers,
            dice,
          );
          break;
        case 6:
          readStats();
          break;
        default:
          useSystem(dice);
      }
      report.nothing();
    }
    if (this.streams.length > 8) this.streams = this.streams.slice(4);
    if (this.connections.length > 8) this.connections = this.connections.slice(4);
    return dice;
  }

  override onVmStart(vmConfigurationSize: u32): bool {
    return this.act("vm_start", vmConfigurationSize).next(2) == 1;
  }

  override onConfigure(pluginConfigurationSize: u32): bool {
    return this.act("configure", pluginConfigurationSize).next(2) == 1;
  }

  override onTick(): void {
    this.act("tick", this.contextId);
  }

  override onQueueReady(queueId: u32): void {
    this.act("queue_ready", queueId);
  }

  override onStatsUpdate(): void {
    this.act("stats_update", this.contextId * 5);
    readStats();
    report.nothing();
  }

  override onLog(): void {
    this.act("log", this.contextId * 3 + 1);
  }

  override onDone(): bool {
    return this.act("done", this.contextId * 3 + 2).next(2) == 1;
  }

  override onDelete(): void {
    this.act("delete", this.contextId * 3 + 3);
  }
}
