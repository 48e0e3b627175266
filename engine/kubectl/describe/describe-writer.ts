/**
 * Text of `kubectl describe`: lines with tabs, indented by levels, aligned at the end. Source: the layout, wording and
 * order of all describers are those of k8s.io/kubectl/pkg/describe, v0.36.
 */
import { isJsonObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { lastAppliedKey } from '../apply/last-applied.ts';
import { alignTabs, describeLayout } from '../printers/tab-writer.ts';
import { objectsAt, stringAt, stringMapAt, valueAt } from '../rest/object-fields.ts';

/** Annotations longer than this are cut. Source: describe.go, maxAnnotationLen. */
const longestAnnotation = 140;

/** Collects the lines of one description. */
export class DescribeWriter {
  #done = '';
  #open = '';

  /** Adds a line, two spaces an indent level. */
  line(level: number, text: string): void {
    this.#open += `${'  '.repeat(level)}${text}\n`;
  }

  /** Aligns what was written so far; columns begin anew. */
  flush(): void {
    this.#done += alignTabs(this.#open, describeLayout);
    this.#open = '';
  }

  /** `Title:` with the pairs of a map, each on its own line. */
  labels(title: string, labels: ReadonlyMap<string, string>): void {
    this.lines(
      title,
      [...labels].map(([key, value]) => `${key}=${value}`),
    );
  }

  /** `Title:` with several values below each other, `<none>` without any. */
  lines(title: string, values: readonly string[]): void {
    const [first = '<none>', ...others] = values;
    this.line(0, `${title}:\t${first}`);
    for (const other of others) this.line(0, `\t${other}`);
  }

  /** `Annotations:` without the one that apply keeps its notes in. */
  annotations(title: string, annotations: ReadonlyMap<string, string>): void {
    const shown = [...annotations].filter(([key]) => key !== lastAppliedKey);
    this.lines(
      title,
      shown.flatMap(([key, value]) => annotationLines(key, value)),
    );
  }

  /** What was written since the last flush with its tabs as they are, as where upstream aligns nothing. */
  unaligned(): string {
    return this.#open;
  }

  toString(): string {
    this.flush();
    return this.#done;
  }
}

function annotationLines(key: string, value: string): readonly string[] {
  const text = value.endsWith('\n') ? value.slice(0, -1) : value;
  const length = new TextEncoder().encode(text).length + new TextEncoder().encode(key).length + 2;
  if (length <= longestAnnotation && !text.includes('\n')) return [`${key}: ${text}`];
  const longest = longestAnnotation - 2;
  return [
    `${key}:`,
    ...text.split('\n').map((line) => `  ${line.length > longest ? `${line.slice(0, longest)}...` : line}`),
  ];
}

/** The labels of an object, in order of keys. */
export function labelsOf(object: JsonValue | undefined): ReadonlyMap<string, string> {
  return stringMapAt(object, 'metadata', 'labels');
}

/** The annotations of an object, in order of keys. */
export function annotationsOf(object: JsonValue | undefined): ReadonlyMap<string, string> {
  return stringMapAt(object, 'metadata', 'annotations');
}

/** `a=1,b=2`, or `<none>`. */
export function formatLabelPairs(labels: ReadonlyMap<string, string>): string {
  return labels.size === 0 ? '<none>' : [...labels].map(([key, value]) => `${key}=${value}`).join(',');
}

/** The first lines of nearly every description: name, namespace, labels, annotations. */
export function writeHead(writer: DescribeWriter, object: JsonObject): void {
  writer.line(0, `Name:\t${stringAt(object, 'metadata', 'name')}`);
  writer.line(0, `Namespace:\t${stringAt(object, 'metadata', 'namespace')}`);
  writer.labels('Labels', labelsOf(object));
  writer.annotations('Annotations', annotationsOf(object));
}

/** `Kind/name` of the controller that owns an object; empty when none does. */
export function controllerOf(object: JsonObject): string {
  const owner = objectsAt(object, 'metadata', 'ownerReferences').find(
    (one) => valueAt(one, 'controller') === true,
  );
  return owner === undefined ? '' : `${stringAt(owner, 'kind')}/${stringAt(owner, 'name')}`;
}

/** A time as Go's RFC1123Z: `Mon, 02 Jan 2006 15:04:05 +0000`. */
export function formatLongTime(timestamp: string): string {
  const at = Date.parse(timestamp);
  if (Number.isNaN(at)) return 'Mon, 01 Jan 0001 00:00:00 +0000';
  return new Date(at).toUTCString().replace(/GMT$/, '+0000');
}

/** A number or text as it stands in a manifest; empty when absent. */
export function scalarAt(value: JsonValue | undefined, ...path: readonly (string | number)[]): string {
  const found = valueAt(value, ...path);
  return found === undefined || found === null || isJsonObject(found) || Array.isArray(found)
    ? ''
    : String(found);
}

/** A condition table without times, as workloads have it. */
export function writeConditions(writer: DescribeWriter, object: JsonObject): void {
  const conditions = objectsAt(object, 'status', 'conditions');
  if (conditions.length === 0) return;
  writer.line(0, 'Conditions:');
  writer.line(1, 'Type\tStatus\tReason');
  writer.line(1, '----\t------\t------');
  for (const one of conditions) {
    writer.line(1, `${stringAt(one, 'type')} \t${stringAt(one, 'status')}\t${stringAt(one, 'reason')}`);
  }
}
