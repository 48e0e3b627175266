import { defineConfig } from 'vitest/config';

/** The served API under load: takes a minute, so it is not part of `npm test`. */
export default defineConfig({
  test: {
    name: 'load',
    deps: { interopDefault: false },
    include: ['engine/http/testing/load.spec.ts'],
    hookTimeout: 60_000,
    // Node lets garbage lie while a machine has memory to spare: what is needed shows where there is no more.
    execArgv: ['--max-old-space-size=640'],
  },
});
