import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { isJsonObject, type JsonObject } from '../../base/json.ts';
import { createScheme } from '../create-scheme.ts';
import { text } from '../read.ts';
import { loadSchema } from '../schema/schema.ts';
import { decodeObject, type FieldValidation } from './decode-object.ts';
import { parseGoJson } from './go-json.ts';

interface Row {
  readonly text: string;
  readonly want: { readonly error?: string; readonly object?: JsonObject };
}

const { cases }: { readonly cases: readonly Row[] } = JSON.parse(
  readFileSync(new URL('../fixtures/decoding.json', import.meta.url), 'utf8'),
);
const schema = loadSchema();
const scheme = createScheme();
/** How the server introduces an error of syntax, before it knows of which kind the object is. */
const syntaxPrefix = "couldn't get version/kind; json parse error: ";

function decode(body: string, fieldValidation: FieldValidation = 'Strict') {
  const parsed = parseGoJson(body);
  if (!parsed.ok) return { error: `${syntaxPrefix}${parsed.error}` };
  const { value, duplicates } = parsed.value;
  if (!isJsonObject(value)) return undefined;
  const [version = '', group = ''] = text(value, 'apiVersion').split('/').reverse();
  const kind = scheme.byKind(group, version, text(value, 'kind'));
  if (kind === undefined) return undefined;
  const decoded = decodeObject(schema, kind.schema, value, { fieldValidation, duplicates });
  return decoded.ok
    ? { object: kind.applyDefaults(decoded.value.object), warnings: decoded.value.warnings }
    : { error: decoded.error };
}

describe('decoding, as recorded from Kubernetes v1.36.0', () => {
  it.each(cases)('$text', ({ text: body, want }) => {
    const decoded = decode(body);
    // What has no kind is the request handler's concern.
    if (decoded === undefined) return;
    expect({ error: decoded.error, object: decoded.object }).toEqual({
      error: want.error,
      object: want.object,
    });
  });
});

const misspelled =
  '{"apiVersion":"v1","kind":"Service","spec":{"prots":[{"port":80}],"type":"ClusterIP","type":"NodePort"}}';

it('warns of fields that it ignores', () => {
  expect(decode(misspelled, 'Warn')?.warnings).toEqual([
    'unknown field "spec.prots"',
    'duplicate field "spec.type"',
  ]);
});

it('keeps silent about fields that it is told to ignore', () => {
  expect(decode(misspelled, 'Ignore')?.warnings).toEqual([]);
});

it('takes __proto__ as a key like any other', () => {
  const decoded = decode('{"apiVersion":"v1","kind":"Pod","metadata":{"labels":{"__proto__":"x"}}}');
  expect(JSON.stringify(decoded?.object?.metadata)).toBe('{"labels":{"__proto__":"x"}}');
  expect(decode('{"apiVersion":"v1","kind":"Pod","__proto__":{}}')?.error).toBe(
    'strict decoding error: unknown field "__proto__"',
  );
});

it('stops at text that nests without end', () => {
  expect(decode('['.repeat(100_000))).toEqual({ error: `${syntaxPrefix}exceeded max depth (10000)` });
});

describe('what an object takes from one that is known', () => {
  const decodePod = (json: JsonObject, known?: JsonObject) => {
    const decoded = decodeObject(schema, 'V1Pod', json, {
      fieldValidation: 'Strict',
      ...(known === undefined ? {} : { known }),
    });
    return decoded.ok ? decoded.value.object : decoded.error;
  };
  const spec = {
    nodeSelector: { b: '1', a: '2' },
    containers: [{ name: 'c', resources: { limits: { cpu: '1000m' } } }],
  };
  const before = decodePod({ metadata: { name: 'web', labels: { app: 'web' } }, spec });
  if (typeof before === 'string') throw new Error(before);

  it('is what decoding it again would give', () => {
    const written = {
      ...before,
      status: { phase: 'Running', podIPs: [], startTime: '2026-05-01T09:00:00.5Z' },
    };
    const after = decodePod(written, before);
    expect(after).toEqual(decodePod(written));
    expect(after).toMatchObject({ status: { phase: 'Running', startTime: '2026-05-01T09:00:00Z' } });
    expect(typeof after === 'string' ? undefined : after.spec).toBe(before.spec);
  });

  it('is only what it is itself, not what looks like it', () => {
    expect(decodePod({ ...before, spec: { ...spec, containerz: [] } }, before)).toBe(
      'strict decoding error: unknown field "spec.containerz"',
    );
  });
});
