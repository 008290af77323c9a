// The classes a filter registers, and which of them serve a root context of the host.
import { LogLevel, Status } from "./abi/types";
import { creatingId } from "./active-context";
import { newObject } from "./allocate";
import { BaseContext, StreamContext } from "./context";
import {
  EAGER_STREAMS,
  ROOT_IDS,
  ROOTS,
  STREAM_CONSTRUCTORS,
  STREAM_OBJECTS,
  TCP,
  UNCHECKED,
} from "./features";
import * as hostcalls from "./hostcalls";
import { HttpContext } from "./http-context";
import { appendMessage, appendText, beginLine, logLine } from "./line";
import { encode, encodedLength, release, takeText } from "./memory";
import {
  httpFactory,
  Registration,
  RootContext,
  rootFactory,
  setHttpFactory,
  setRootFactory,
  setSharedStream,
  setTcpFactory,
  tcpFactory,
} from "./root-context";
import { TcpContext } from "./tcp-context";

/** The root of a plugin that registers only stream contexts under a root id. */
class PlainRootContext extends RootContext {}

// @ts-ignore: decorator
@lazy
let firstNamed: Registration | null = null;
let warned: bool = false;

function namedRegistration(rootId: string): Registration {
  let last: Registration | null = null;
  let known = firstNamed;
  while (known != null) {
    if (known.rootId == rootId) return known;
    last = known;
    known = known.next;
  }
  const added = new Registration(rootId);
  if (last == null) firstNamed = added;
  else last.next = added;
  return added;
}

/** Refuses, at compile time, builds that no proxy could load or that would exhaust it. */
// @ts-ignore: decorator
@inline
function checkBuild(): void {
  // @ts-ignore: PROXY_WASM_AS is a constant that the preset defines
  if (!isDefined(PROXY_WASM_AS)) {
    ERROR(
      'asconfig.json lacks the build preset: add "extends": "proxy-wasm-as/asconfig.json". Without it no proxy can load the module.',
    );
  }
  if (ASC_RUNTIME == 0 /* stub */) {
    ERROR(
      'runtime "stub" never frees memory and would exhaust the proxy: use "minimal" (the preset has it) or "incremental".',
    );
  }
}

/** What stands before every object: of its five words, the fourth names its class. */
const OBJECT_HEADER: usize = 20;

/** An object of a class without state, in static memory: nothing is allocated, and no collector needed. */
function staticObject<T>(): T {
  const object = memory.data(offsetof<T>() + 20, 16) + OBJECT_HEADER;
  store<u32>(object - 8, idof<T>());
  return changetype<T>(object);
}

/** Size and class of the streams of a module where they need no more than an object. Without registration they do nothing. */
let emptySize: usize = offsetof<HttpContext>();
let emptyClass: u32 = 0;

/** What a constructor makes of a class of streams whose fields all begin as nothing, but smaller and faster. */
function emptyStream(contextId: u32, size: usize, id: u32): HttpContext {
  const object = newObject(size, id);
  store<u32>(object, contextId, offsetof<BaseContext>("contextId"));
  // The id comes first. What is 4 bytes too much in the last step is so in the block of any memory manager, too.
  for (let at = object + 4; at < object + size; at += 8) store<u64>(at, 0);
  return changetype<HttpContext>(object);
}

/** A stream of the class that is registered, where its fields all begin as nothing. */
export function createEmptyStream(contextId: u32): HttpContext {
  return emptyStream(contextId, emptySize, emptyClass);
}

/** For its parameter: what a type argument has to extend, asc looks at only where a value of it is used. */
// @ts-ignore: decorator
@inline
function expectStream(_stream: HttpContext): void {}

/**
 * Registers the class of HTTP streams: `registerHttpContext<MyFilter>();` at the top level of a file. The class
 * must not need constructor arguments. With `rootId` it serves only the plugin configured with that `root_id`.
 */
export function registerHttpContext<T extends HttpContext>(rootId: string | null = null): void {
  checkBuild();
  if (!STREAM_OBJECTS) {
    setSharedStream(staticObject<T>());
    return;
  }
  // T must extend HttpContext, and have no constructor arguments.
  if (!EAGER_STREAMS) {
    expectStream(changetype<T>(<usize>0));
    emptySize = offsetof<T>();
    emptyClass = idof<T>();
    return;
  }
  const create = (): HttpContext =>
    STREAM_CONSTRUCTORS ? instantiate<T>() : changetype<T>(emptyStream(creatingId, offsetof<T>(), idof<T>()));
  if (ROOT_IDS && rootId != null) namedRegistration(rootId).http = create;
  else setHttpFactory(create);
}

/** Registers the class of TCP connections; as {@link registerHttpContext}. */
export function registerTcpContext<T extends TcpContext>(rootId: string | null = null): void {
  checkBuild();
  // T must extend TcpContext, and have no constructor arguments.
  const create = (): TcpContext => instantiate<T>();
  if (ROOT_IDS && rootId != null) namedRegistration(rootId).tcp = create;
  else setTcpFactory(create);
}

/**
 * Registers the class of root contexts: `registerRootContext<MyRoot>();`. It makes the streams itself
 * ({@link RootContext.createHttpContext}) or leaves that to the class registered with
 * {@link registerHttpContext} or {@link registerTcpContext} under the same root id.
 */
export function registerRootContext<T extends RootContext>(rootId: string | null = null): void {
  checkBuild();
  // T must extend RootContext, and have no constructor arguments.
  const create = (): RootContext => instantiate<T>();
  if (ROOT_IDS && rootId != null) namedRegistration(rootId).root = create;
  else setRootFactory(create);
}

/** Whether anything is registered without a root id. */
function anonymous(): bool {
  return rootFactory != null || httpFactory != null || tcpFactory != null;
}

/**
 * The registration for the root being created: the one of its root id, else null for what has none, else the
 * first.
 */
function registrationByRootId(): Registration | null {
  const path = encode("plugin_root_id");
  const status = hostcalls.getPropertyText(path, encodedLength);
  release(path);
  const rootId = status == Status.Ok ? takeText() : null;
  let known = firstNamed;
  while (known != null) {
    if (rootId != null && known.rootId == rootId) return known;
    known = known.next;
  }
  if (anonymous()) return null;
  const only = firstNamed;
  if (!warned && only != null && only.next != null) {
    warned = true;
    beginLine("proxy-wasm-as: no context is registered for root_id '");
    if (rootId != null) appendText(rootId);
    appendMessage("'; the first one registered serves it");
    logLine(LogLevel.Warn);
  }
  return only;
}

/** A root context of the class that is registered for it; null where streams need none. */
export function createRootContext(): BaseContext | null {
  // One condition inside the other: asc leaves out what stands behind a constant, but not what stands beside it.
  if (ROOT_IDS) {
    let registration: Registration | null = null;
    if (firstNamed != null) registration = registrationByRootId();
    if (registration != null) {
      const create = registration.root;
      const root = create == null ? new PlainRootContext() : create();
      root.__registration = registration;
      return root;
    }
  }
  if (UNCHECKED) {
    if (!anonymous()) {
      beginLine("proxy-wasm-as: no context is registered: call registerHttpContext<YourClass>()");
      logLine(LogLevel.Critical);
    }
  }
  if (!ROOTS) return null;
  const create = rootFactory;
  return create == null ? null : create();
}

/** The context of a stream whose root was not created, because only stream contexts are registered. */
export function createStreamContext(): StreamContext | null {
  const createHttp = httpFactory;
  if (createHttp != null) return createHttp();
  if (!TCP) return null;
  const createTcp = tcpFactory;
  return createTcp == null ? null : createTcp();
}
