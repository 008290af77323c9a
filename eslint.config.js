// Lints the Node tooling, and the AssemblyScript sources as far as the TypeScript parser can read them.
import js from "@eslint/js";
import ts from "typescript-eslint";

export default ts.config(
  { ignores: ["**/dist/", "**/build/", "docs/api/"] },
  js.configs.recommended,
  ...ts.configs.recommended,
  {
    files: ["**/*.mjs", "**/*.js"],
    languageOptions: {
      globals: {
        process: "readonly",
        console: "readonly",
        fetch: "readonly",
        performance: "readonly",
        URL: "readonly",
      },
    },
  },
  {
    files: ["index.ts", "envoy.ts", "entry.ts", "**/assembly/**/*.ts", "bench/filters/*.ts"],
    languageOptions: { parserOptions: { allowInvalidAST: true } },
    rules: {
      // asc knows its own globals and types; tsc checks names.
      "no-undef": "off",
      // A decorated function needs `@ts-ignore` (TS1206); `@ts-expect-error` fails where decorators are legal.
      "@typescript-eslint/ban-ts-comment": "off",
      // Callback parameters are part of a signature that overrides must repeat in full.
      "@typescript-eslint/no-unused-vars": ["error", { args: "none" }],
      // A namespace is how `console` and its like are replaced as a whole.
      "@typescript-eslint/no-namespace": "off",
      // 64-bit literals are exact in AssemblyScript.
      "no-loss-of-precision": "off",
      // `==` on references is what AssemblyScript means by identity with null.
      eqeqeq: "off",
    },
  },
);
