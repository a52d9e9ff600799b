import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: ["test/workbench/**", "test/bench/**"],
          setupFiles: ["test/seed.ts"],
          testTimeout: 30_000,
        },
      },
      {
        // Measures and prints; asserts nothing, and is no part of `npm test`.
        test: {
          name: "bench",
          include: ["test/bench/**/*.bench.ts"],
          testTimeout: 1_800_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: "workbench",
          // A browser, a server and an extension host on two cores: what fails twice is broken, what fails once is reported.
          retry: 1,
          include: ["test/workbench/**/*.test.ts"],
          testTimeout: 180_000,
          hookTimeout: 240_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
