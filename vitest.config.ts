import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

// Files share one graph of modules: it keeps no state, and loading it anew for each file costs more than all tests.
// A file is one thread's work, and the workbook's check of itself is one file: shares of it keep every core busy.
const shareCount = Math.max(1, Math.min(4, availableParallelism()));
const shares = Array.from({ length: shareCount }, (_, index) => ({ index, count: shareCount }));

export default defineConfig({
  test: {
    // Main thread and threads wait for each other more than they work at the same time.
    maxWorkers: '100%',
    // Each project would compile the engine anew; the cache goes by what is in a file.
    experimental: { fsModuleCache: true },
    projects: [
      {
        test: {
          name: 'engine',
          isolate: false,
          pool: 'threads',
          deps: { interopDefault: false },
          include: ['engine/**/*.test.ts'],
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'grader',
          isolate: false,
          deps: { interopDefault: false },
          include: ['grader/**/*.test.ts', 'grader/**/*.test.tsx'],
          exclude: ['grader/answers.test.ts', 'grader/authoring/workbook.test.ts'],
          // Whole attempts load the engine first, on machines of any speed.
          testTimeout: 30_000,
          sequence: { groupOrder: 0 },
        },
      },
      ...shares.map((share) => ({
        test: {
          name: `workbook ${share.index + 1} of ${share.count}`,
          provide: { share },
          isolate: false,
          deps: { interopDefault: false },
          include: ['grader/authoring/workbook.test.ts'],
          // Every answer of an exercise is graded, on machines of any speed.
          testTimeout: 60_000,
          sequence: { groupOrder: 1 },
        },
      })),
      {
        // The learner's own answers: a group of its own, so that they are printed last.
        test: {
          name: 'answers',
          isolate: false,
          deps: { interopDefault: false },
          include: ['grader/answers.test.ts'],
          testTimeout: 60_000,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
