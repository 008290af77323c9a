// Names for packages, as npm has them.

const LONGEST = 214;
const NAME = /^(?:@[a-z0-9-~][a-z0-9-._~]*\/)?[a-z0-9-~][a-z0-9-._~]*$/;
/** npm refuses the first two; a package cannot depend on one of its own name. */
const TAKEN = ["node_modules", "favicon.ico", "proxy-wasm-as", "assemblyscript"];

/** The name that is taken when there is nothing to make one from; the templates have it. */
export const DEFAULT_NAME = "my-filter";

/** Why a text cannot be the name of a filter's package; null if it can. */
export function nameProblem(name: string): string | null {
  if (name === "") return "it is empty";
  if (name.length > LONGEST) return `it is longer than ${LONGEST} characters`;
  if (TAKEN.includes(name)) return "that name is taken";
  if (name !== name.toLowerCase()) return "it has capital letters";
  if (!NAME.test(name))
    return "it may only have letters, digits, and - . _ ~ inside, after @scope/ if there is one";
  return null;
}

/** A name that is allowed, as near to a text (such as that of a folder) as can be. */
export function toName(text: string): string {
  const plain = text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9._~@/-]+/g, "-");
  const scoped = /^(@[^/@]+)\/([^/@]+)$/.exec(plain);
  const tidy = (part: string): string => part.replace(/[/@]+/g, "-").replace(/^[-._]+|[-._]+$/g, "");
  const [scope, base] = scoped
    ? [tidy((scoped[1] ?? "").slice(1)), tidy(scoped[2] ?? "")]
    : ["", tidy(plain)];
  const name = (scope !== "" && base !== "" ? `@${scope}/${base}` : base).slice(0, LONGEST);
  if (name === "") return DEFAULT_NAME;
  return nameProblem(name) === null
    ? name
    : nameProblem(`${name}-filter`) === null
      ? `${name}-filter`
      : DEFAULT_NAME;
}

/** A package's name without its scope: what the files of a project are named after. */
export function baseName(name: string): string {
  return name.slice(name.indexOf("/") + 1);
}
