/** `-o custom-columns=NAME:.metadata.name,…`: kubectl's CustomColumnsPrinter. */

import type { TemplateNode } from '../../api/jsonpath/parse.ts';
import { parseRelaxedPath, valuesAtPath } from '../../api/jsonpath/relaxed.ts';
import type { JsonObject } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import { failure, type Outcome } from '../failure.ts';
import { formatGoPlain } from './go-syntax.ts';

/** One column: its header and where its values lie. */
export interface CustomColumn {
  readonly header: string;
  readonly path: readonly TemplateNode[];
}

/** Reads `HEADER:path,HEADER:path`. */
export function parseCustomColumns(spec: string): Outcome<readonly CustomColumn[]> {
  if (spec === '') return failure('custom-columns format specified but no custom columns given');
  const columns: CustomColumn[] = [];
  for (const part of spec.split(',')) {
    const colon = part.indexOf(':');
    if (colon < 0)
      return failure(`unexpected custom-columns spec: ${part}, expected <header>:<json-path-expr>`);
    const path = parseRelaxedPath(part.slice(colon + 1));
    if (!path.ok) return failure(path.error);
    columns.push({ header: part.slice(0, colon), path: path.value });
  }
  return ok(columns);
}

/** Reads the two lines of a file: headers, then paths, split at white space. */
export function parseCustomColumnsFile(text: string): Outcome<readonly CustomColumn[]> {
  const [headers = [], paths = []] = text
    .split('\n')
    .map((line) => line.split(/\s+/).filter((word) => word !== ''));
  if (headers.length !== paths.length) {
    return failure(
      `number of headers (${headers.length}) and field specifications (${paths.length}) don't match`,
    );
  }
  return parseCustomColumns(headers.map((header, index) => `${header}:${paths[index] ?? ''}`).join(','));
}

/** Renders objects as tab-separated lines, several values of a cell joined by commas. */
export function renderCustomColumns(
  objects: readonly JsonObject[],
  columns: readonly CustomColumn[],
  noHeaders: boolean,
): string {
  const lines = objects.map((object) => columns.map((column) => renderCell(object, column)).join('\t'));
  const header = columns.map((column) => column.header).join('\t');
  return [...(noHeaders ? [] : [header]), ...lines].map((line) => `${line}\n`).join('');
}

function renderCell(object: JsonObject, column: CustomColumn): string {
  const values = valuesAtPath(column.path, object);
  return values.length === 0 ? '<none>' : values.map(formatGoPlain).join(',');
}
