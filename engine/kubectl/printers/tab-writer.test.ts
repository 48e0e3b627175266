import { expect, it } from 'vitest';
import fixture from './fixtures/tabwriter.json' with { type: 'json' };
import { alignTabs, describeLayout, tableLayout } from './tab-writer.ts';

// Source: recorded from the Go writers themselves; the file names them.
it.each(fixture.cases)('aligns as the writer of describe: $text', ({ text, describe }) => {
  expect(alignTabs(text, describeLayout)).toBe(describe);
});

it('keeps columns as wide as they were before', () => {
  const widths: number[] = [];
  expect(alignTabs('NAME\tAGE\nlong-name-of-pod\t1s\n', tableLayout, widths)).toBe(
    'NAME               AGE\nlong-name-of-pod   1s\n',
  );
  expect(alignTabs('x\t2s\n', tableLayout, widths)).toBe('x                  2s\n');
});
