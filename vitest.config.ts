import { defineConfig } from 'vitest/config';

// Files share one graph of modules: it keeps no state, and loading it anew for each file costs more than all tests.
export default defineConfig({
  test: {
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
      {
        test: {
          name: 'workbook',
          isolate: false,
          deps: { interopDefault: false },
          include: ['grader/authoring/workbook.test.ts'],
          // Every answer of an exercise is graded twice, on machines of any speed.
          testTimeout: 60_000,
          sequence: { groupOrder: 1 },
        },
      },
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
