import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseSed } from './parse-sed.ts';
import { runSed } from './run-sed.ts';

// What sed prints is held against GNU's in engine/shell/gnu-tools.test.ts; here is what no script may do.

const words = fc.constantFrom(
  ...[
    's/a/b/',
    's/\\(a\\)*/\\1&/g',
    's/$/x/2',
    'p',
    'd',
    'N',
    'D',
    'G',
    'x',
    ':a',
    'ba',
    'ta',
    '{',
    '}',
    '$',
    '2,3',
  ],
  ...['/a/', '/b/,$', '0~2', '!', ';', '\n', 'y/ab/ba/', 'a x', 'c y', 'q', '1,+1', 's/x*/\\U&/'],
);
const script = fc.array(words, { maxLength: 12 }).map((pieces) => pieces.join(''));
const text = fc.stringMatching(/^[ab\n]{0,40}$/);

it('reads every script or says what is wrong with it, and ends on every text', () => {
  fc.assert(
    fc.property(script, text, (source, input) => {
      const program = parseSed([source], { isExtended: false });
      if (!program.ok) {
        expect(program.error.words).not.toBe('');
        return;
      }
      const { outputs } = runSed(program.value, [{ file: 'f', text: input }], {
        isQuiet: false,
        isSeparate: false,
      });
      expect(outputs).toHaveLength(1);
    }),
  );
});

it('ends a loop that grows without end', () => {
  const program = parseSed([':a;s/a/aa/;ba'], { isExtended: false });
  if (!program.ok) throw new Error(program.error.words);
  const { exitCode } = runSed(program.value, [{ file: 'f', text: 'a\n' }], {
    isQuiet: false,
    isSeparate: false,
  });
  expect(exitCode).not.toBe(0);
});
