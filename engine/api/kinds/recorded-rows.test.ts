import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { isJsonObject, type JsonObject } from '../../base/json.ts';
import { createScheme } from '../create-scheme.ts';
import { decodeObject } from '../decode/decode-object.ts';
import { text } from '../read.ts';
import { loadSchema } from '../schema/schema.ts';
import type { KubeObject } from '../types/wire.ts';

interface Case {
  readonly object: JsonObject;
  readonly columns: readonly JsonObject[];
  readonly row: readonly unknown[];
}

const fixtures = new URL('../fixtures/', import.meta.url);
const cases: readonly Case[] = readdirSync(fixtures)
  .filter((file) => file.endsWith('rows.json'))
  .flatMap((file) => JSON.parse(readFileSync(new URL(file, fixtures), 'utf8')).cases);
const scheme = createScheme();

function isStored(object: unknown): object is KubeObject {
  return isJsonObject(object) && isJsonObject(object.metadata);
}

function decoded(object: JsonObject) {
  const [version = '', group = ''] = text(object, 'apiVersion').split('/').reverse();
  const kind = scheme.byKind(group, version, text(object, 'kind'));
  if (kind === undefined) throw new Error('the kind is served');
  const result = decodeObject(loadSchema(), kind.schema, object, { fieldValidation: 'Strict' });
  const stored = result.ok ? kind.applyDefaults(result.value.object) : undefined;
  if (!isStored(stored)) throw new Error('the object can be decoded');
  return { kind, stored };
}

describe('rows of tables, as recorded from the printers of Kubernetes v1.36.0', () => {
  it.each(
    cases.map((row, index) => ({
      index,
      name: `${text(row.object, 'kind')} as ${row.row.join(' ')}`,
      ...row,
    })),
  )('$index: $name', ({ object, columns, row }) => {
    const { kind, stored } = decoded(object);
    expect(kind.row(stored, 0)).toEqual(row);
    expect(kind.columns.map(({ description: _, ...column }) => column)).toEqual(columns);
  });
});

it('shows ages and the time since the last restart', () => {
  const { kind, stored } = decoded({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'default', creationTimestamp: '2026-01-01T00:00:00Z' },
    status: {
      phase: 'Running',
      containerStatuses: [
        {
          name: 'a',
          ready: true,
          restartCount: 2,
          state: { running: {} },
          lastState: { terminated: { exitCode: 1, finishedAt: '2026-01-01T00:05:00Z' } },
        },
      ],
    },
  });
  const row = kind.row(stored, Date.parse('2026-01-01T00:07:30Z'));
  expect(row.slice(1, 5)).toEqual(['1/0', 'Running', '2 (2m30s ago)', '7m30s']);
});
