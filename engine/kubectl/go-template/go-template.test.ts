import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { JsonValue } from '../../base/json.ts';
import { executeGoTemplate } from './execute.ts';
import { parseGoTemplate } from './parse.ts';

interface Recording {
  readonly data: JsonValue;
  readonly cases: readonly {
    readonly template: string;
    readonly strict?: boolean;
    readonly text: string;
    readonly error?: string;
  }[];
}

const recording: Recording = JSON.parse(
  readFileSync(new URL('./fixtures/go-template.json', import.meta.url), 'utf8'),
);

function run(template: string, strict: boolean) {
  const parsed = parseGoTemplate(template);
  if (!parsed.ok) return { error: parsed.error };
  const result = executeGoTemplate(parsed.value, recording.data, { allowMissingKeys: !strict });
  return result.ok ? { text: result.value } : { error: result.error };
}

// Source: Go's own text/template, set up as cli-runtime sets it up; the fixture says which version.
it.each(recording.cases)(
  'renders $template as Go does (strict: $strict)',
  ({ template, strict, text, error }) => {
    expect(run(template, strict === true)).toEqual(error === undefined ? { text } : { error });
  },
);

it('ends for every text, whatever it is', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      '{{',
      '}}',
      '{{end}}',
      '{{else}}',
      'range .items',
      'if ',
      '.kind',
      '|',
      '(',
      ')',
      ' ',
      '$x := ',
      '"a"',
    ),
    fc.string({ maxLength: 4 }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const { text, error } = { text: undefined, error: undefined, ...run(pieces.join(''), false) };
      return typeof text === 'string' || typeof error === 'string';
    }),
    { numRuns: 200 },
  );
});

it('stops a template that calls itself for ever', () => {
  expect(run('{{define "t"}}{{template "t"}}{{end}}{{template "t"}}', false).error).toContain(
    'exceeded maximum template depth',
  );
});
