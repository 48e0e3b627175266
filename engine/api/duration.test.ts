import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { humanDuration } from './duration.ts';

const recording: { readonly durations: readonly { readonly milliseconds: number; readonly text: string }[] } =
  JSON.parse(readFileSync(new URL('./fixtures/durations.json', import.meta.url), 'utf8'));

it.each(recording.durations)('$milliseconds ms is shown as $text, as recorded from apimachinery', (row) => {
  expect(humanDuration(row.milliseconds)).toBe(row.text);
});
