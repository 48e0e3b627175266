import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// What the projects have in common: files share one graph of modules, which keeps no state; loading it anew for each file
// costs more than all tests. CommonJS packages are imported as Node does it. Times are for machines of any speed.
const common = {
  isolate: false,
  pool: 'threads',
  deps: { interopDefault: false },
  testTimeout: 60_000,
  hookTimeout: 60_000,
  setupFiles: fileURLToPath(new URL('./engine/testing/seed-properties.ts', import.meta.url)),
} as const;

export default defineConfig({
  test: {
    // Main thread and threads wait for each other more than they work at the same time.
    maxWorkers: '100%',
    // The next run finds compiled what has not changed: the cache goes by what is in a file.
    experimental: { fsModuleCache: true },
    projects: [
      {
        test: {
          ...common,
          name: 'kubedrill',
          include: ['engine/**/*.test.ts', 'grader/**/*.test.ts', 'grader/**/*.test.tsx'],
          exclude: ['grader/answers.test.ts'],
          sequence: { groupOrder: 0 },
        },
      },
      {
        // The learner's own answers: a group of its own, so that they are printed last.
        test: {
          ...common,
          name: 'answers',
          include: ['grader/answers.test.ts'],
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
