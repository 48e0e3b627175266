import fc from 'fast-check';
import { expect, it } from 'vitest';
import { addToFieldsV1, type FieldSet, formatFieldsV1, separator } from './field-set.ts';

const elements = ['f:a', 'f:ab', 'f:b', 'k:{"name":"x"}', 'v:"y"'] as const;
const sets = fc
  .array(fc.array(fc.constantFrom(...elements), { minLength: 1, maxLength: 4 }), { maxLength: 8 })
  .map((paths): FieldSet => new Set(paths.map((path) => path.join(separator))));

it('writes a document with more paths as it writes all of them', () => {
  fc.assert(
    fc.property(sets, sets, (known, added) => {
      const want = formatFieldsV1(new Set([...known, ...added]));
      expect(JSON.stringify(addToFieldsV1(formatFieldsV1(known), added))).toBe(JSON.stringify(want));
    }),
  );
});
