// Finds field initializers that read `this.contextId`: AssemblyScript runs them before the id is set.
import * as asc from "assemblyscript";
import { walk } from "../syntax.ts";
import type { Check } from "./check.ts";

export const checkContextId: Check = ({ contexts, diagnostics }) => {
  for (const prototype of contexts.derived) {
    for (const member of (prototype.declaration as asc.ClassDeclaration).members) {
      if (
        !(member instanceof asc.FieldDeclaration) ||
        !member.initializer ||
        member.is(asc.CommonFlags.Static)
      )
        continue;
      walk(member.initializer, (node) => {
        if (
          node instanceof asc.PropertyAccessExpression &&
          node.expression instanceof asc.ThisExpression &&
          node.property.text === "contextId"
        ) {
          diagnostics.warning(
            node.range,
            `'this.contextId' is still 0 in a field's initializer: set '${member.name.text}' in the constructor, after super().`,
          );
        }
      });
    }
  }
};
