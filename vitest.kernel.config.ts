import { defineConfig } from 'vitest/config';

/** The suite that needs root and the kernel of this machine: not part of `npm test`. */
export default defineConfig({
  test: {
    name: 'kernel',
    deps: { interopDefault: false },
    include: ['engine/testing/kernel/*.spec.ts'],
    hookTimeout: 60_000,
    testTimeout: 60_000,
  },
});
