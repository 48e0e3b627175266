import fc from 'fast-check';
import { expect, it } from 'vitest';
import { findResults, renderResults } from './evaluate.ts';
import fixture from './fixtures/jsonpath.json' with { type: 'json' };
import { parseJsonPath } from './parse.ts';

function run(template: string): { text?: string; error?: string; parseError?: string } {
  const parsed = parseJsonPath(template);
  if (!parsed.ok) return { parseError: parsed.error };
  const found = findResults(parsed.value, fixture.data, { allowMissingKeys: true });
  return found.ok ? { text: renderResults(found.value) } : { error: found.error };
}

// Source: recorded from client-go's own package; the file names its version.
it.each(fixture.cases)('gives what client-go gives for $template', ({ template, ...want }) => {
  expect(run(template)).toEqual(want);
});

it('never throws, whatever the template', () => {
  const piece = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    '.',
    '..',
    '*',
    '?(',
    ')',
    '@',
    '"',
    "'",
    'range ',
    'end',
    ':',
    ',',
    '-1',
    'items',
    '==',
    ' ',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 15 }), (pieces) => {
      run(pieces.join(''));
    }),
  );
});
