// A filter that hands each request to a background service: one module, two plugins, in VMs of their own.
import {
  Counter,
  HttpContext,
  properties,
  registerRootContext,
  RootContext,
  SharedQueue,
  Status,
} from "proxy-wasm-as";

/** The `vm_id` of the service, and the name of its queue. */
const VM = "worker";
const QUEUE = "requests";

/** The filter: puts a line about each request into the queue. */
class Front extends RootContext {
  private queue: SharedQueue | null = null;

  override createHttpContext(contextId: u32): HttpContext {
    return new Request(this);
  }

  enqueue(item: string): void {
    // The service may start after the filter.
    let queue = this.queue;
    if (queue == null) this.queue = queue = SharedQueue.resolve(VM, QUEUE);
    if (queue == null || queue.enqueue(item) != Status.Ok) console.warn("nobody takes: " + item);
  }
}

class Request extends HttpContext {
  constructor(private front: Front) {
    super();
  }

  override onLog(): void {
    const method = this.requestHeaders.get(":method");
    const path = this.requestHeaders.get(":path");
    if (method == null || path == null) return;
    this.front.enqueue(method + " " + path + " " + properties.response.code().toString());
  }
}

/** The service: takes the lines out, where it takes no time from any request. */
class Worker extends RootContext {
  private handled: Counter = new Counter("requests_handled");

  override onConfigure(pluginConfigurationSize: u32): bool {
    return SharedQueue.register(QUEUE) != null;
  }

  override onQueueReady(queueId: u32): void {
    const queue = SharedQueue.of(queueId);
    for (let item = queue.dequeue(); item != null; item = queue.dequeue()) {
      console.log("handled " + item);
      this.handled.increment();
    }
  }
}

registerRootContext<Front>("front");
registerRootContext<Worker>("worker");
