import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addQuantities,
  compareQuantities,
  formatQuantity,
  normalizeQuantityText,
  parseQuantity,
  type Quantity,
  quantityMilliValue,
  quantityValue,
  subtractQuantities,
} from './quantity.ts';

interface Recording {
  readonly parse: readonly {
    readonly text: string;
    readonly error?: string;
    readonly canonical?: string;
    readonly format?: string;
    readonly value?: string;
    readonly milli?: string;
  }[];
  readonly arithmetic: readonly {
    readonly a: string;
    readonly b: string;
    readonly cmp: number;
    readonly add: string;
    readonly sub: string;
  }[];
}

const recording: Recording = JSON.parse(
  readFileSync(new URL('./fixtures/quantities.json', import.meta.url), 'utf8'),
);

function quantity(text: string): Quantity {
  const parsed = parseQuantity(text);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

function fitsInt64(value: bigint): boolean {
  const limit = (1n << 63n) - 1n;
  return value < limit && value > -limit;
}

describe('quantities, as recorded from k8s.io/apimachinery', () => {
  it.each(recording.parse)(
    '$text is read as upstream reads it',
    ({ text, error, canonical, format, value, milli }) => {
      const parsed = parseQuantity(text);
      if (!parsed.ok) {
        expect({ error: parsed.error }).toEqual({ error });
        return;
      }
      const written = normalizeQuantityText(text);
      expect({ canonical: written.ok && written.value, format: parsed.value.format }).toEqual({
        canonical,
        format,
      });
      // Upstream's integers end at 63 bits, ours do not.
      if (fitsInt64(quantityValue(parsed.value))) expect(String(quantityValue(parsed.value))).toBe(value);
      if (fitsInt64(quantityMilliValue(parsed.value)))
        expect(String(quantityMilliValue(parsed.value))).toBe(milli);
    },
  );

  it.each(recording.arithmetic)('$a and $b are compared, added and subtracted', ({ a, b, cmp, add, sub }) => {
    expect({
      cmp: compareQuantities(quantity(a), quantity(b)),
      add: formatQuantity(addQuantities(quantity(a), quantity(b))),
      sub: formatQuantity(subtractQuantities(quantity(a), quantity(b))),
    }).toEqual({ cmp, add, sub });
  });
});

it('the canonical text stands for the same amount and is its own canonical text', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -1_000_000, max: 1_000_000 }),
      fc.constantFrom('', 'n', 'u', 'm', 'k', 'M', 'G', 'Ki', 'Mi', 'Gi', 'e3', 'e-2'),
      (number, suffix) => {
        const parsed = quantity(`${number}${suffix}`);
        const text = formatQuantity(parsed);
        expect(quantity(text).nano).toBe(parsed.nano);
        expect(formatQuantity(quantity(text))).toBe(text);
      },
    ),
  );
});
