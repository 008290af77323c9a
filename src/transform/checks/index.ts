// All checks, by the name under which a failure of one is reported.
import { checkCallbackNames } from "./callback-names.ts";
import type { Check } from "./check.ts";
import { checkContextId } from "./context-id.ts";
import { checkCopies } from "./copies.ts";
import { checkHeaderTests } from "./header-tests.ts";
import { checkRegistrations } from "./registrations.ts";

export const CHECKS: Readonly<Record<string, Check>> = {
  "of copies of the library": checkCopies,
  "of registrations": checkRegistrations,
  "of callback names": checkCallbackNames,
  "of contextId": checkContextId,
  "of tests for a header": checkHeaderTests,
};
