// Tells when files have changed, by looking: events of the system do not reach into containers and network folders.
import { stat } from "node:fs/promises";

const INTERVAL_MILLISECONDS = 200;

/** A watch that can be ended. */
export interface Watch {
  stop(): void;
}

/**
 * Calls when one of the files has changed and then stayed the same for a moment, and once at the beginning, because they
 * may have changed since they were read. Calls do not overlap.
 */
export function watchFiles(paths: readonly string[], onChange: () => Promise<void>): Watch {
  let stopped = false;
  let timer: NodeJS.Timeout;
  let seen: string | null = null;
  let told: string | null = null;
  const look = async (): Promise<void> => {
    const now = (await Promise.all(paths.map(fingerprint))).join("\n");
    // Whoever writes it may not be done.
    if (now === seen && now !== told) {
      told = now;
      if (!stopped) await onChange();
    }
    seen = now;
    if (!stopped) timer = setTimeout(() => void look(), INTERVAL_MILLISECONDS);
  };
  timer = setTimeout(() => void look(), 0);
  return {
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}

async function fingerprint(path: string): Promise<string> {
  try {
    const { mtimeMs, size, ino } = await stat(path);
    return `${mtimeMs} ${size} ${ino}`;
  } catch {
    return "absent";
  }
}
