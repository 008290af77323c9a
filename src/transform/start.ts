// Takes from a module's start function what can be there before it runs: constants in globals.
import type binaryen from "binaryen";

type Library = typeof binaryen;
type Expression = binaryen.ExpressionRef;

/** asc's own names. */
const START = "~start";
const STARTED = "~started";

/**
 * Makes constants that the start function puts into globals before it does anything else their first values, which then
 * fold into the code. A start function with nothing left to do becomes empty. True if something has changed.
 */
export function foldStart(module: binaryen.Module, library: Library): boolean {
  const start = module.getFunction(START);
  if (!start) return false;
  const { params, results, vars, body } = library.getFunctionInfo(start);
  const steps = stepsOf(body, library);
  const begin = steps.findIndex((step) => !isGuard(step, library));
  if (begin < 0) return false;
  let end = begin;
  for (let set; end < steps.length && (set = constantSet(steps[end]!, library)); end++) {
    const { type, mutable } = library.getGlobalInfo(module.getGlobal(set.name));
    module.removeGlobal(set.name);
    module.addGlobal(set.name, type, mutable, set.value);
  }
  if (begin === end) return false;
  const rest = steps.slice(end);
  const left = rest.length ? module.block(null, [...steps.slice(0, begin), ...rest]) : module.nop();
  module.removeFunction(START);
  module.addFunction(START, params, results, vars, left);
  return true;
}

function stepsOf(body: Expression, library: Library): readonly Expression[] {
  if (library.getExpressionId(body) !== library.BlockId) return [body];
  const block = library.getExpressionInfo(body) as binaryen.BlockInfo;
  // What leaves a block by its name has to stay in it.
  return block.name ? [] : block.children;
}

/** Whether this is asc's question whether the start function has run, or the note that it has. */
function isGuard(step: Expression, library: Library): boolean {
  const id = library.getExpressionId(step);
  if (id === library.GlobalSetId)
    return (library.getExpressionInfo(step) as binaryen.GlobalSetInfo).name === STARTED;
  if (id !== library.IfId) return false;
  const { condition, ifTrue } = library.getExpressionInfo(step) as binaryen.IfInfo;
  return (
    library.getExpressionId(condition) === library.GlobalGetId &&
    (library.getExpressionInfo(condition) as binaryen.GlobalGetInfo).name === STARTED &&
    library.getExpressionId(ifTrue) === library.ReturnId
  );
}

/** A step that puts a constant into a global; undefined if it is something else. */
function constantSet(step: Expression, library: Library): binaryen.GlobalSetInfo | undefined {
  if (library.getExpressionId(step) !== library.GlobalSetId) return undefined;
  const set = library.getExpressionInfo(step) as binaryen.GlobalSetInfo;
  return library.getExpressionId(set.value) === library.ConstId ? set : undefined;
}
