// Typedoc plugin: shows AssemblyScript's number types, which TypeScript erases to `number`, by their own names.
import { Converter, ReferenceType } from "typedoc";

const NAMES = new Set("i8 i16 i32 i64 isize u8 u16 u32 u64 usize f32 f64 bool v128".split(" "));

/** The type as it is written in the source. Descends into arrays, unions and type arguments. */
function asWritten(project, type, node) {
  if (!type || !node) return type;
  const name = node.getText();
  if (NAMES.has(name)) return ReferenceType.createBrokenReference(name, project, "assemblyscript");
  if (type.type === "array") {
    // Written as T[] or as Array<T>.
    type.elementType = asWritten(project, type.elementType, node.elementType ?? node.typeArguments?.[0]);
  } else if (type.type === "reference") {
    type.typeArguments = type.typeArguments?.map((it, i) => asWritten(project, it, node.typeArguments?.[i]));
  } else if (type.type === "union") {
    type.types = type.types.map((it, i) => asWritten(project, it, node.types?.[i]));
  }
  return type;
}

/** What typedoc calls once to load the plugin. */
export function load(app) {
  app.converter.on(Converter.EVENT_CREATE_SIGNATURE, (context, signature, declaration) => {
    signature.type = asWritten(context.project, signature.type, declaration?.type);
    signature.parameters?.forEach((parameter, i) => {
      parameter.type = asWritten(context.project, parameter.type, declaration?.parameters?.[i]?.type);
    });
  });
  app.converter.on(Converter.EVENT_CREATE_DECLARATION, (context, reflection) => {
    const declaration = context.getSymbolFromReflection(reflection)?.declarations?.[0];
    reflection.type = asWritten(context.project, reflection.type, declaration?.type);
  });
}
