// Lines in the proxy's log.
import { LogLevel, Status } from "./abi/types";
import { activeId, trackActive } from "./active-context";
import * as hostcalls from "./hostcalls";
import { encodedLength, encodeLast } from "./memory";

/**
 * Whether the host writes lines of this level: ask before putting together a line that is costly.
 * Top-level code is told yes, since a host may not be asked there. Spec: `proxy_get_log_level`.
 */
export function isLogEnabled(level: LogLevel): bool {
  return (trackActive && activeId == 0) || level >= hostcalls.getLogLevel();
}

/**
 * Writes a line to the proxy's log, if the host's level lets it through. Allowed everywhere, also in top-level
 * code. Envoy shows lines from level info on; from debug on with `--component-log-level wasm:debug`.
 * Spec: `proxy_log`.
 */
export function log(level: LogLevel, message: string): Status {
  if (!isLogEnabled(level)) return Status.Ok;
  const text = encodeLast(message);
  return hostcalls.log(level, text, encodedLength);
}

/** Writes a line of level trace; see {@link log}. */
export function logTrace(message: string): Status {
  return log(LogLevel.Trace, message);
}

/** Writes a line of level debug; see {@link log}. */
export function logDebug(message: string): Status {
  return log(LogLevel.Debug, message);
}

/** Writes a line of level info; see {@link log}. */
export function logInfo(message: string): Status {
  return log(LogLevel.Info, message);
}

/** Writes a line of level warn; see {@link log}. */
export function logWarn(message: string): Status {
  return log(LogLevel.Warn, message);
}

/** Writes a line of level error; see {@link log}. */
export function logError(message: string): Status {
  return log(LogLevel.Error, message);
}

/** Writes a line of level critical; see {@link log}. */
export function logCritical(message: string): Status {
  return log(LogLevel.Critical, message);
}
