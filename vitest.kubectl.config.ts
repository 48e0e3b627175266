import { defineConfig } from 'vitest/config';

/** Suites that need programs of this machine, or time: not part of `npm test`. */
export default defineConfig({
  test: {
    name: 'kubectl',
    deps: { interopDefault: false },
    include: ['engine/http/testing/*.spec.ts', 'engine/testing/control-plane/*.spec.ts'],
    exclude: ['engine/http/testing/load.spec.ts'],
    hookTimeout: 60_000,
  },
});
