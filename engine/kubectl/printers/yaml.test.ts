import { expect, it } from 'vitest';
import fixture from './fixtures/go-yaml.json' with { type: 'json' };
import { formatYaml } from './yaml.ts';

// Source: recorded from the Go library itself; the file names its version.
it.each(fixture.cases)('prints as go-yaml does: $text', ({ value, text }) => {
  expect(formatYaml(value)).toBe(text);
});
