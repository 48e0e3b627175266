import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { matchesFields, parseFieldSelector } from './field-selector.ts';
import { matchesLabels, parseLabelSelector } from './label-selector.ts';

interface Row {
  readonly selector: string;
  readonly error?: string;
  readonly matches?: boolean;
}

const recording: {
  readonly labels: Readonly<Record<string, string>>;
  readonly labelSelectors: readonly Row[];
  readonly fields: Readonly<Record<string, string>>;
  readonly fieldSelectors: readonly Row[];
} = JSON.parse(readFileSync(new URL('../fixtures/selectors.json', import.meta.url), 'utf8'));

describe('selectors, as recorded from k8s.io/apimachinery', () => {
  it.each(recording.labelSelectors)('the label selector $selector', ({ selector, error, matches }) => {
    const parsed = parseLabelSelector(selector);
    expect(
      parsed.ok ? { matches: matchesLabels(parsed.value, recording.labels) } : { error: parsed.error },
    ).toEqual(error === undefined ? { matches } : { error });
  });

  it.each(recording.fieldSelectors)('the field selector $selector', ({ selector, error, matches }) => {
    const parsed = parseFieldSelector(selector);
    const fieldValue = (field: string) => recording.fields[field];
    expect(
      parsed.ok ? { matches: matchesFields(parsed.value, fieldValue) } : { error: parsed.error },
    ).toEqual(error === undefined ? { matches } : { error });
  });
});
