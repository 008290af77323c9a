// Finds a second copy of the guest library in the module: its registrations would never be looked at.
import { sdkFile } from "../sdk.ts";
import type { Check } from "./check.ts";

/** Every module of the library keeps its state in globals; what reaches it by another path gets others. */
export const checkCopies: Check = ({ program, diagnostics }) => {
  const registration = sdkFile(program, "registration")?.source;
  if (!registration) return;
  const copy = program.sources.find((source) => source !== registration && source.text === registration.text);
  if (!copy) return;
  const folder = copy.internalPath.replace(/\/?assembly\/[^/]+$/, "");
  const importing = program.sources
    .flatMap((source) => source.statements)
    .find(
      (statement) =>
        internalPathOf(statement)?.startsWith(`${folder}/`) &&
        !statement.range.source.internalPath.startsWith(folder),
    );
  diagnostics.error(
    importing?.range ?? null,
    `proxy-wasm-as is in this module twice, the second time as '${folder}', and what is registered there is never called: import it everywhere by its name, as "proxy-wasm-as".`,
  );
};

/** The file that an import or export statement names. */
function internalPathOf(statement: object): string | null {
  return "internalPath" in statement && typeof statement.internalPath === "string"
    ? statement.internalPath
    : null;
}
