/** Source: fixtures/protobuf-objects.json, objects of k8s.io/api in both of the forms that Go itself writes. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { loadSchema } from '../schema/schema.ts';
import { decodeProtobuf } from './decode-protobuf.ts';

const fixture = z
  .object({
    objects: z.array(
      z.object({ name: z.string(), protobuf: z.string(), json: z.record(z.string(), z.unknown()) }),
    ),
  })
  .parse(JSON.parse(readFileSync(new URL('./fixtures/protobuf-objects.json', import.meta.url), 'utf8')));

const types = { schema: loadSchema(), typeOf: (_: string, kind: string) => `V1${kind}` };

/** Null and absent are the same in what Go writes. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== null)
      .map(([key, inner]) => [key, withoutNulls(inner)]),
  );
}

describe('decodeProtobuf', () => {
  it.each(fixture.objects)('reads $name as its JSON', ({ protobuf, json }) => {
    const decoded = decodeProtobuf(Buffer.from(protobuf, 'base64'), types);
    expect(decoded.ok ? decoded.value : decoded.error).toEqual(withoutNulls(json));
  });

  it('refuses a body without the prefix', () => {
    expect(decodeProtobuf(Buffer.from('{}'), types)).toEqual({
      ok: false,
      error: 'provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]',
    });
  });

  it('answers any bytes with an object or a failure', () => {
    const whole = Buffer.from(fixture.objects[2]?.protobuf ?? '', 'base64');
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), fc.nat(whole.length), (at, byte, length) => {
        const broken = Buffer.from(whole);
        broken[at] = byte;
        expect(typeof decodeProtobuf(broken.subarray(0, length), types).ok).toBe('boolean');
      }),
    );
  });
});
