// Declarative test vectors: reading them, running them against a module, and telling how it went.
export { SuiteError } from "./suite-error.ts";
export { formatJUnit } from "./format-junit.ts";
export { formatReport, formatSummary, formatTest } from "./format-text.ts";
export { loadSuite, parseSuite } from "./load-suite.ts";
export { runSuite } from "./run-suite.ts";
export { summarize } from "./report.ts";
export type { RunSuiteOptions } from "./run-suite.ts";
export type { SuiteFormat } from "./load-suite.ts";
export type * from "./report.ts";
export type * from "./suite.ts";
