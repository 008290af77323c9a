// A VM as Envoy keeps it: with the ids of its metrics and callouts.
import { MetricIds } from "./metrics.ts";
import { StartContext } from "./start-context.ts";
import { Vm } from "./vm.ts";
import type { HostFunction } from "./vm-options.ts";
import type { PluginConfig } from "./plugin.ts";
import type { Services } from "./services.ts";

/** Replaces an imported function, given the real one. */
export type Interceptor = (name: string, call: HostFunction) => HostFunction;

/** One VM and what belongs to it on the host side. */
export class EnvoyVm {
  readonly vm: Vm;
  readonly metricIds: MetricIds;
  /** The next token of each kind of callout; tokens of failed calls are used up too. */
  readonly nextToken = { http: 4, grpcCall: 5, grpcStream: 6 };

  private constructor(vm: Vm, services: Services) {
    this.vm = vm;
    this.metricIds = new MetricIds(services.metrics);
  }

  /** Instantiates the module and runs its start functions. */
  static start(
    config: PluginConfig,
    services: Services,
    worker: number,
    intercept: Interceptor | null,
  ): EnvoyVm {
    const { clock, log } = services;
    const options = {
      environment: config.environment,
      capabilities: config.capabilities,
      wallNanoseconds: () => clock.wallNanoseconds,
      monotonicNanoseconds: () => clock.monotonicNanoseconds,
      random: (size: number) => services.options.random(size),
      report: (level: number, text: string) => log.add(level, text, "host", 0, "", worker),
      ...(intercept === null ? {} : { intercept }),
    };
    return new EnvoyVm(Vm.start(config.module, options, new StartContext(services, worker)), services);
  }

  /** A token for the next callout of that kind. */
  takeToken(kind: "http" | "grpcCall" | "grpcStream"): number {
    const token = this.nextToken[kind];
    this.nextToken[kind] += 4;
    return token;
  }
}
