import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'engine',
          include: ['engine/**/*.test.ts'],
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'grader',
          include: ['grader/**/*.test.ts', 'grader/**/*.test.tsx'],
          exclude: ['grader/**/answers.test.ts'],
          sequence: { groupOrder: 0 },
        },
      },
    ],
  },
});
