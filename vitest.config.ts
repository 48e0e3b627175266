import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'engine',
          deps: { interopDefault: false },
          include: ['engine/**/*.test.ts'],
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'grader',
          deps: { interopDefault: false },
          include: ['grader/**/*.test.ts', 'grader/**/*.test.tsx'],
          exclude: ['grader/**/answers.test.ts'],
          sequence: { groupOrder: 0 },
        },
      },
    ],
  },
});
