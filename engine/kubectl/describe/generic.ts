/** `kubectl describe` of a kind without a description of its own: every field, in order of names. */
import { isJsonObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import { compareKeys } from '../../base/sorted-map.ts';
import { formatGoPlain } from '../printers/go-syntax.ts';
import { DescribeWriter, writeHead } from './describe-writer.ts';
import type { Describer } from './describer.ts';
import { findEvents, writeEvents } from './events.ts';

/** Fields that the head shows, or that nobody wants to see. */
const skipped: ReadonlySet<string> = new Set([
  '.metadata.managedFields',
  '.metadata.name',
  '.metadata.namespace',
  '.metadata.labels',
  '.metadata.annotations',
]);

export const describeGeneric: Describer = async ({ invocation, object, showEvents }) => {
  const writer = new DescribeWriter();
  writeHead(writer, object);
  writeContent(writer, object, 0, '');
  if (showEvents) writeEvents(writer, await findEvents(invocation, object), invocation.host.now());
  return ok(writer.toString());
};

function writeContent(writer: DescribeWriter, content: JsonObject, level: number, prefix: string): void {
  for (const field of Object.keys(content).sort(compareKeys)) {
    const path = `${prefix}.${field}`;
    if (!skipped.has(path)) writeField(writer, field, content[field] ?? null, { level, path });
  }
}

function writeField(
  writer: DescribeWriter,
  field: string,
  value: JsonValue,
  { level, path }: { readonly level: number; readonly path: string },
): void {
  if (isJsonObject(value)) {
    writer.line(level, `${labelFor(field)}:`);
    writeContent(writer, value, level + 1, path);
  } else if (Array.isArray(value)) {
    writer.line(level, `${labelFor(field)}:`);
    for (const item of value) {
      if (isJsonObject(item)) writeContent(writer, item, level + 1, path);
      else writer.line(level + 1, formatGoPlain(item));
    }
  } else writer.line(level, `${labelFor(field)}:\t${formatGoPlain(value)}`);
}

/** `creationTimestamp` becomes `Creation Timestamp`, `apiVersion` `API Version`. */
function labelFor(field: string): string {
  if (!/^[\p{L}-]+$/u.test(field)) return field;
  const words = field.match(/\p{Lu}+(?!\p{Ll})|\p{Lu}?\p{Ll}+|-/gu) ?? [field];
  return words
    .map((word) => {
      if (/^(?:api|url|uid|guid)$/i.test(word)) return word.toUpperCase();
      return word.toLowerCase() === word ? word.charAt(0).toUpperCase() + word.slice(1) : word;
    })
    .join(' ');
}
