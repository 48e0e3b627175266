/**
 * The columns of a custom resource's Table. Source:
 * apiextensions-apiserver/pkg/registry/customresource/tableconvertor.
 */
import { isJsonObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { ageSince } from '../duration.ts';
import { formatValue } from '../jsonpath/evaluate.ts';
import { parseJsonPath } from '../jsonpath/parse.ts';
import { valuesAtPath } from '../jsonpath/relaxed.ts';
import { nameColumn, type Row } from '../kinds/define.ts';
import { asJson, number, structs, text } from '../read.ts';
import type { TableColumn } from '../scheme.ts';
import type { KubeObject } from '../types/wire.ts';

/** Columns, and how a row is made from an object. */
export interface CustomTable {
  readonly columns: readonly TableColumn[];
  row(object: KubeObject, nowMs: number): Row;
}

type Cell = string | number | boolean | null;

const columnTypes = ['string', 'integer', 'number', 'boolean', 'date'] as const;
const ageColumn: JsonObject = Object.freeze({
  name: 'Age',
  type: 'date',
  description: 'Time since the object was created.',
  jsonPath: '.metadata.creationTimestamp',
});

/** The table that a version of a definition describes; one that names no column shows the age. */
export function customTable(version: JsonObject): CustomTable {
  const described = structs(version, 'additionalPrinterColumns');
  const columns = (described.length === 0 ? [ageColumn] : described).map(readColumn);
  return {
    columns: [nameColumn, ...columns.map(({ column }) => column)],
    row: (object, nowMs) => [
      object.metadata.name,
      ...columns.map(({ column, valuesIn }) => {
        const [value] = valuesIn(asJson(object));
        return value === undefined ? null : cellOf(column.type, value, nowMs);
      }),
    ],
  };
}

function readColumn(json: JsonObject): {
  readonly column: TableColumn;
  valuesIn(object: JsonObject): readonly JsonValue[];
} {
  const path = text(json, 'jsonPath');
  const type = columnTypes.find((known) => known === text(json, 'type')) ?? 'string';
  const parsed = parseJsonPath(`{${path}}`);
  const column: TableColumn = {
    name: text(json, 'name'),
    type,
    format: text(json, 'format'),
    description:
      text(json, 'description') || `Custom resource definition column (in JSONPath format): ${path}`,
    priority: number(json, 'priority') ?? 0,
  };
  return { column, valuesIn: (object) => (parsed.ok ? valuesAtPath(parsed.value, object) : []) };
}

function cellOf(type: TableColumn['type'], value: JsonValue, nowMs: number): Cell {
  if (value === null) return null;
  if (type === 'string') return formatValue(value);
  if (Array.isArray(value) || isJsonObject(value)) return null;
  switch (type) {
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : null;
    case 'number':
      return typeof value === 'number' ? value : null;
    case 'boolean':
      return typeof value === 'boolean' ? value : null;
    case 'date':
      if (typeof value !== 'string') return null;
      return Number.isNaN(Date.parse(value)) ? '<invalid>' : ageSince(value, nowMs);
  }
}
