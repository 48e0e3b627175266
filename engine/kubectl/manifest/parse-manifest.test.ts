import { expect, it } from 'vitest';
import fixture from './fixtures/manifests.json' with { type: 'json' };
import { parseManifest, splitDocuments } from './parse-manifest.ts';

const objects = fixture.cases.filter(
  ({ value }) => typeof value === 'object' && value !== null && !Array.isArray(value),
);
const refused = fixture.cases.filter(({ error }) => error !== undefined && error !== 'EOF');

// Source: recorded from apimachinery's decoder; the file names its version.
it.each(objects)('reads as kubectl does: $text', ({ text, value }) => {
  expect(parseManifest(text)).toEqual({ ok: true, value });
});

it.each(refused)('refuses in the words of go-yaml: $text', ({ text, error }) => {
  expect(parseManifest(text)).toEqual({ ok: false, error });
});

it('splits a file at lines of dashes', () => {
  expect(splitDocuments('a: 1\n---\nb: 2\n--- # note\nc: 3\n')).toEqual(['a: 1', 'b: 2', 'c: 3\n']);
});

it('refuses brackets nested past any stack before they are parsed', () => {
  expect(parseManifest(`a: ${'['.repeat(100_000)}`)).toEqual({
    ok: false,
    error: 'error converting YAML to JSON: yaml: exceeded max depth of 100',
  });
});
