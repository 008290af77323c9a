// Rules for values of the wrong type, and calls with the wrong arguments.
import { DiagnosticCode } from "assemblyscript";
import { plainType, type Mistake, type Rule } from "./rule.ts";

function notAssignable(mistake: Mistake): string | null {
  const types = /^Type '(.+)' is not assignable to type '(.+)'\.$/.exec(mistake.message);
  const from = types?.[1];
  const to = types?.[2];
  if (from === undefined || to === undefined) return null;
  const parameter = /^(\w+)\s*:[^=>]+$/.exec(mistake.at)?.[1];
  if (parameter !== undefined)
    return `The callback gets a value of type ${plainType(from)} as '${parameter}': write '${parameter}: ${plainType(from)}', or no type at all.`;
  if (mistake.isCopy && from.endsWith(" | null")) return copyMayBeNull(mistake.at, from.includes("=>"));
  if (from === `${to} | null`) return mayBeNull(mistake, plainType(to));
  if (from === "<object>") return objectLiteral(plainType(to));
  if (to === "~lib/string/String") return stringNeeded(mistake, plainType(from));
  return null;
}

function copyMayBeNull(name: string, isFunction: boolean): string {
  return isFunction
    ? `A callback cannot get a copy of '${name}' while it can be null, as it is a function: put the call into 'if (${name} != null) { ... }'.`
    : `The callback's copy of '${name}' can be null, whatever was tested before the call: test it in the callback, or copy it to a const behind the test and use that in the callback.`;
}

function mayBeNull({ at }: Mistake, type: string): string {
  const what = at.trim();
  if (/\.get(?:Bytes)?\s*\([^()]*\)$/.test(what))
    return `'${what}' is null when there is nothing of that name: keep it in a const and test that, as in 'const value = ${what}; if (value != null) { ... }'.`;
  if (/^[\w.]+\.\w+$/.test(what))
    return `'${what}' can be null, and a test of a field is not remembered: copy it to a const, test that, and use the const.`;
  const test = `'${what}' can be null: test it first, as in 'if (value != null) { ... }'`;
  return type === "string" ? `${test}, or give a default: 'value != null ? value : ""'.` : `${test}.`;
}

function objectLiteral(to: string): string {
  return to === "auto"
    ? "An object literal needs a class in AssemblyScript: declare one with these fields, or use Map for keys that vary."
    : `An object literal cannot be passed as '${to}': arguments are given one after the other, as in 'sendLocalResponse(403, "no")'.`;
}

function stringNeeded({ at }: Mistake, from: string): string {
  return /^[uif](?:8|16|32|64)$|^[ui]size$|^bool$/.test(from)
    ? `A string is needed here, and '${at}' is a number or bool (${from}): write '\${${at}}' inside backticks, or call toString().`
    : `A string is needed here, and '${at}' is of type ${from}.`;
}

function wrongCount({ message, at, before }: Mistake): string | null {
  const counts = /^Expected (\d+) arguments, but got (\d+)\.$/.exec(message);
  if (!counts) return null;
  const got = Number(counts[2]);
  if (/^(?:console\s*\.)/.test(at) && got > 1)
    return "console takes one string: put the values into it, as in 'console.log(`count ${count}`)'.";
  if (/^super\s*\(/.test(at) && got > 0 && counts[1] === "0")
    return "super() takes no arguments: a context knows its id by itself, as this.contextId.";
  if (/^new\s+Date\s*\(/.test(at) || /\bnew\s+$/.test(before)) {
    if (/\bDate\s*\(\s*\)$/.test(at))
      return "'new Date()' needs a time in AssemblyScript: write 'new Date(Date.now())'.";
  }
  return null;
}

function wrongSignature({ at, related }: Mistake): string {
  const name = /^\w+/.exec(at)?.[0] ?? at;
  const expected = related.replace(/\s+/g, " ");
  return `'${name}' must repeat the parameters and the return type of the method it overrides: 'override ${expected}'.`;
}

export const TYPE_RULES: readonly Rule[] = [
  { code: DiagnosticCode.Type_0_is_not_assignable_to_type_1, explain: notAssignable },
  { code: DiagnosticCode.Expected_0_arguments_but_got_1, explain: wrongCount },
  {
    code: DiagnosticCode.This_overload_signature_is_not_compatible_with_its_implementation_signature,
    explain: wrongSignature,
  },
  {
    code: DiagnosticCode.Operator_0_cannot_be_applied_to_types_1_and_2,
    explain: ({ message }) => {
      const from = /^Operator '\+' cannot be applied to types '(.+)' and '~lib\/string\/String'\.$/.exec(
        message,
      )?.[1];
      return from === undefined
        ? null
        : `A value of type ${plainType(from)} and a string cannot be joined by '+': put the value into a template, as in '\`\${value} text\`', or call toString().`;
    },
  },
  {
    code: DiagnosticCode.Conversion_from_type_0_to_1_requires_an_explicit_cast,
    explain: ({ message, at }) => {
      const types = /from type '(.+)' to '(.+)'/.exec(message);
      if (!types) return null;
      const value = /^[\w.]+(?:\([^()\n]*\))?$/.test(at) ? at : "(...)";
      return `A value of type ${types[1]} does not become ${types[2]} by itself: write '<${types[2]}>${value}'.`;
    },
  },
  {
    code: DiagnosticCode.Type_argument_expected,
    explain: ({ at, before, after }) => {
      const method = /\.\s*(map|reduce|reduceRight)$/.exec(before + at)?.[1];
      if (method !== undefined && /^\s*\(/.test(after))
        return `The type of the result is missing: write '${method}<i32>(...)' with the type that the function returns.`;
      const line = before.slice(before.lastIndexOf("\n") + 1) + at + (after.split("\n", 1)[0] ?? "");
      const call = /\b(register(?:Http|Tcp|Root)Context)\s*\(\s*(?:new\s+)?([A-Za-z_]\w*)?/.exec(line);
      return call
        ? `The class goes between angle brackets: '${call[1]}<${call[2] ?? "YourClass"}>()'.`
        : null;
    },
  },
];
