/**
 * Tables of the server as kubectl prints them, with the columns that flags add. It stands for cli-runtime's
 * HumanReadablePrinter.
 */
import { isJsonObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { listAt, objectAt, objectsAt, stringAt, stringMapAt, valueAt } from '../rest/object-fields.ts';

/** What flags say about a table. */
export interface TableOptions {
  readonly noHeaders: boolean;
  readonly wide: boolean;
  readonly showLabels: boolean;
  /** Labels that get a column of their own. */
  readonly labelColumns: readonly string[];
  readonly withNamespace: boolean;
  /** Put before names, as `pod/`. */
  readonly kindPrefix?: string;
  /** Kind of a watch event, for `--output-watch-events`. */
  readonly eventType?: string;
}

/** A column of a printed table. */
interface Column {
  readonly name: string;
  readonly priority: number;
}

/**
 * Renders a Table (meta.k8s.io/v1) as tab-separated lines, the header first unless it is unwanted or there is no row.
 */
export function renderTable(table: JsonObject, options: TableOptions): string {
  const columns = objectsAt(table, 'columnDefinitions');
  const rows = objectsAt(table, 'rows');
  const all = decoratedColumns(columns, options);
  const shown = all.map((column) => options.wide || column.priority === 0);
  const nameColumn = columns.findIndex(
    (one) => stringAt(one, 'format') === 'name' && stringAt(one, 'type') === 'string',
  );
  let text = '';
  if (!options.noHeaders && rows.length > 0) {
    text += `${all
      .filter((_, index) => shown[index])
      .map((column) => column.name.toUpperCase())
      .join('\t')}\n`;
  }
  for (const row of rows) {
    const cells = decoratedCells(row, columns.length, nameColumn, options);
    text += `${cells
      .filter((_, index) => shown[index])
      .map(formatCell)
      .join('\t')}\n`;
  }
  return text;
}

function decoratedColumns(columns: readonly JsonObject[], options: TableOptions): readonly Column[] {
  return [
    ...(options.eventType === undefined ? [] : [{ name: 'Event', priority: 0 }]),
    ...(options.withNamespace ? [{ name: 'Namespace', priority: 0 }] : []),
    ...columns.map((column) => ({
      name: stringAt(column, 'name'),
      priority: Number(valueAt(column, 'priority') ?? 0),
    })),
    ...options.labelColumns.map((label) => ({ name: label.slice(label.lastIndexOf('/') + 1), priority: 0 })),
    ...(options.showLabels ? [{ name: 'Labels', priority: 0 }] : []),
  ];
}

function decoratedCells(
  row: JsonObject,
  width: number,
  nameColumn: number,
  options: TableOptions,
): readonly JsonValue[] {
  const cells = listAt(row, 'cells').slice(0, width);
  while (cells.length < width) cells.push(null);
  const { kindPrefix } = options;
  const named = cells.map((cell, index) =>
    kindPrefix !== undefined && index === nameColumn ? `${kindPrefix}/${formatCell(cell)}` : cell,
  );
  const object = objectAt(row, 'object');
  const labels = stringMapAt(object, 'metadata', 'labels');
  return [
    ...(options.eventType === undefined ? [] : [options.eventType.padEnd(8)]),
    ...(options.withNamespace ? [stringAt(object, 'metadata', 'namespace')] : []),
    ...named,
    ...options.labelColumns.map((label) => labels.get(label) ?? ''),
    ...(options.showLabels ? [formatLabels(labels)] : []),
  ];
}

function formatLabels(labels: ReadonlyMap<string, string>): string {
  return labels.size === 0 ? '<none>' : [...labels].map(([key, value]) => `${key}=${value}`).join(',');
}

/** A cell on one line: only the first line of longer text, followed by dots. */
function formatCell(cell: JsonValue): string {
  if (cell === null) return '';
  if (typeof cell !== 'string')
    return isJsonObject(cell) || Array.isArray(cell) ? JSON.stringify(cell) : String(cell);
  const end = cell.search(/[\f\n\r]/);
  const line = end < 0 ? cell : `${cell.slice(0, end)}...`;
  // A terminal must not take what an object says for a command; kubectl writes escapes visibly.
  return line.replaceAll('\x1b', '^[').replaceAll('\t', ' ');
}
