// What is printed of hostcalls at level TRACE.
import type { HostFunction } from "../host/vm-options.ts";
import type { Interceptor } from "../host/envoy-vm.ts";

/** Wraps host functions so that each call is printed with its arguments and its answer. */
export function traceCalls(print: (line: string) => void): Interceptor {
  return (name, call) => {
    const original = call as (...parameters: unknown[]) => number | void;
    const traced = (...parameters: unknown[]): number | void => {
      const answer = original(...parameters);
      print(`   ${name}(${parameters.join(", ")}): ${answer ?? "void"}`);
      return answer;
    };
    // The VM passes as many arguments as the function says it takes.
    return Object.defineProperty(traced, "length", { value: original.length }) as HostFunction;
  };
}
