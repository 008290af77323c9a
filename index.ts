// Lets asc resolve the bare package name: it looks for index.ts in the root of a package.
export * from "./assembly";
