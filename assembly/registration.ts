// The classes a filter registers, and which of them serve a root context of the host.
import { LogLevel, Status } from "./abi/types";
import * as hostcalls from "./hostcalls";
import { HttpContext } from "./http-context";
import { appendText, beginLine, logLine } from "./line";
import { encode, encodedLength, release, takeText } from "./memory";
import { Registration, RootContext } from "./root-context";
import { TcpContext } from "./tcp-context";

/** The root of a filter that registers only stream contexts. */
class PlainRootContext extends RootContext {}

/** The registration without a root id. */
let anonymous: Registration | null = null;
/** Those with one. */
let firstNamed: Registration | null = null;
/** Whether any registration has a root id. Stays false, and folds away what asks for it, in a module that names none. */
let named: bool = false;
let warned: bool = false;

function anonymousRegistration(): Registration {
  checkBuild();
  let registration = anonymous;
  if (registration == null) anonymous = registration = new Registration(null);
  return registration;
}

function namedRegistration(rootId: string): Registration {
  checkBuild();
  named = true;
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
    ERROR('runtime "stub" never frees memory and would exhaust the proxy: use "minimal" (the preset has it) or "incremental".');
  }
}

// The three functions below are inlined, and test the pointer (`!= null` would call String's operator), so that
// the optimizer sees whether a root id is given.

/**
 * Registers the class of HTTP streams: `registerHttpContext<MyFilter>();` at the top level of a file. The class
 * must not need constructor arguments. With `rootId` it serves only the plugin configured with that `root_id`.
 */
// @ts-ignore: decorator
@inline
export function registerHttpContext<T extends HttpContext>(rootId: string | null = null): void {
  // T must extend HttpContext, and have no constructor arguments.
  const create = (): HttpContext => instantiate<T>();
  if (changetype<usize>(rootId)) namedRegistration(changetype<string>(rootId)).http = create;
  else anonymousRegistration().http = create;
}

/** Registers the class of TCP connections; as {@link registerHttpContext}. */
// @ts-ignore: decorator
@inline
export function registerTcpContext<T extends TcpContext>(rootId: string | null = null): void {
  // T must extend TcpContext, and have no constructor arguments.
  const create = (): TcpContext => instantiate<T>();
  if (changetype<usize>(rootId)) namedRegistration(changetype<string>(rootId)).tcp = create;
  else anonymousRegistration().tcp = create;
}

/**
 * Registers the class of root contexts: `registerRootContext<MyRoot>();`. It makes the streams itself
 * ({@link RootContext.createHttpContext}) or leaves that to the class registered with
 * {@link registerHttpContext} or {@link registerTcpContext} under the same root id.
 */
// @ts-ignore: decorator
@inline
export function registerRootContext<T extends RootContext>(rootId: string | null = null): void {
  // T must extend RootContext, and have no constructor arguments.
  const create = (): RootContext => instantiate<T>();
  if (changetype<usize>(rootId)) namedRegistration(changetype<string>(rootId)).root = create;
  else anonymousRegistration().root = create;
}

/** The registration for the root being created: the one of its root id, else the one without, else the first. */
function byRootId(): Registration | null {
  const path = encode("plugin_root_id");
  const status = hostcalls.getPropertyText(path, encodedLength);
  release(path);
  const rootId = status == Status.Ok ? takeText() : null;
  let known = firstNamed;
  while (known != null) {
    if (rootId != null && known.rootId == rootId) return known;
    known = known.next;
  }
  if (anonymous != null) return anonymous;
  const only = firstNamed;
  if (!warned && only != null && only.next != null) {
    warned = true;
    beginLine("proxy-wasm-as: no context is registered for root_id '");
    if (rootId != null) appendText(rootId);
    appendText("'; the first one registered serves it");
    logLine(LogLevel.Warn);
  }
  return only;
}

/** A root context of the class that is registered for it; `null`, and a line in the log, when there is none. */
export function createRootContext(): RootContext | null {
  const registration = named ? byRootId() : anonymous;
  if (registration == null) {
    beginLine("proxy-wasm-as: no context is registered: call registerHttpContext<YourClass>()");
    logLine(LogLevel.Critical);
    return null;
  }
  const create = registration.root;
  const root = create == null ? new PlainRootContext() : create();
  root.__registration = registration;
  return root;
}
