// Looks at a machine and a project, and says what is not as it should be.
import { existsSync } from "node:fs";
import { join } from "node:path";

import { checkCompiler, checkCopies, checkEditor, checkLibrary, checkPreset } from "./project-checks.ts";
import { checkEnvoy, checkNode } from "./machine-checks.ts";
import { fail } from "./check.ts";
import type { Check } from "./check.ts";

export type { Check } from "./check.ts";

/** All checks, in the order in which one would mend things. */
export async function examine(folder: string, env: NodeJS.ProcessEnv): Promise<Check[]> {
  const isProject = ["package.json", "asconfig.json"].some((name) => existsSync(join(folder, name)));
  const project = isProject
    ? [checkCompiler, checkLibrary, checkCopies, checkPreset, checkEditor].map((check) => check(folder))
    : [
        fail(
          "project",
          `there is none in ${folder}: it has neither package.json nor asconfig.json`,
          "Run this in a project's folder, or start one: npx proxy-wasm-as init my-filter",
        ),
      ];
  return [checkNode(), ...project, ...(await checkEnvoy(env))];
}
