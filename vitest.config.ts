// Two suites: `unit` needs Node alone, `e2e` needs a real Envoy (found or installed by src/envoy).
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      {
        test: { name: "unit", include: ["tests/**/*.test.ts", "examples/**/*.test.ts"], testTimeout: 60_000 },
      },
      { test: { name: "e2e", include: ["e2e/**/*.test.ts"], testTimeout: 120_000, hookTimeout: 120_000 } },
    ],
  },
});
