/**
 * The explanation of a kind or a field, from an OpenAPI document. Source: k8s.io/kubectl/pkg/explain/v2,
 * templates/plaintext.tmpl. Left out: links to external documents, which no built-in kind has.
 */
import { isJsonObject, type JsonObject } from '../../base/json.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { compareKeys } from '../../base/sorted-map.ts';
import { listAt, objectAt, objectsAt, stringAt, valueAt } from '../rest/object-fields.ts';
import { innerSchema, type OpenApiDocument, referred, resolved } from './open-api.ts';
import { wrapWords } from './word-wrap.ts';

/** How deep fields are followed: deeper than any API goes, even one that a person defines. */
const maxDepth = 64;

/** Reads a document for one explanation. */
export interface ExplainContext {
  readonly document: OpenApiDocument;
  readonly recursive: boolean;
}

/** References met on the way down; one that comes again is a circle. */
type History = ReadonlySet<string>;

/**
 * Explains what is at a path of fields below a schema.
 *
 * @returns an error when there is no such field.
 */
export function explainField(
  context: ExplainContext,
  schema: JsonObject,
  path: readonly string[],
): Result<string, string> {
  const text = follow(context, schema, path, new Set());
  if (text !== '') return ok(text);
  return err(`error: field ${JSON.stringify(path.at(-1) ?? '')} does not exist`);
}

function follow(
  context: ExplainContext,
  schema: JsonObject,
  path: readonly string[],
  history: History,
): string {
  const { document } = context;
  const target = resolved(document, schema);
  const [name, ...rest] = path;
  if (name === undefined) return explainSchema(context, target);
  const ref = stringAt(schema, '$ref');
  if (ref !== '' && history.has(ref)) return '';
  const seen = ref === '' ? history : new Set([...history, ref]);
  const property = propertiesOf(target).get(name);
  if (property !== undefined) {
    const head = rest.length === 0 ? fieldHead(document, name, property) : '';
    const below = follow(context, property, rest, new Set());
    return below === '' ? '' : head + below;
  }
  const inner = innerSchema(target, 'items') ?? innerSchema(target, 'additionalProperties');
  if (inner !== undefined) return follow(context, inner, path, seen);
  for (const alternative of objectsAt(target, 'allOf')) {
    const text = follow(context, alternative, path, seen);
    if (text !== '') return text;
  }
  return '';
}

function fieldHead(document: OpenApiDocument, name: string, schema: JsonObject): string {
  const values = listAt(schema, 'enum').map(formatEnumValue);
  const list = values.length === 0 ? '' : `ENUM:${values.map((value) => `\n    ${value}`).join('')}`;
  return `FIELD: ${name} <${typeGuess(document, schema)}>\n${list}\n\n`;
}

function explainSchema(context: ExplainContext, schema: JsonObject): string {
  const { document } = context;
  const description = descriptionOf(document, schema, 0) || '<empty>';
  const fields = fieldList(context, schema, 1, new Set());
  return `DESCRIPTION:\n${indent(wrapWords(description, 76), 4)}\n${fields === '' ? '' : `FIELDS:\n${fields}`}`;
}

/** The schema's own description and those of what it is made of, a line each. */
function descriptionOf(document: OpenApiDocument, schema: JsonObject, depth: number): string {
  if (depth > maxDepth) return '';
  const target = resolved(document, schema);
  const own = stringAt(target, 'description');
  const inner = [
    ...objectsAt(target, 'allOf'),
    innerSchema(target, 'items'),
    innerSchema(target, 'additionalProperties'),
  ].filter((one) => one !== undefined);
  return (
    (own === '' ? '' : `${own}\n`) + inner.map((one) => descriptionOf(document, one, depth + 1)).join('')
  );
}

function fieldList(context: ExplainContext, schema: JsonObject, level: number, history: History): string {
  const ref = stringAt(schema, '$ref');
  if ((ref !== '' && history.has(ref)) || level > maxDepth) return '';
  const seen = ref === '' ? history : new Set([...history, ref]);
  const target = resolved(context.document, schema);
  let text = '';
  for (const [name, property] of propertiesOf(target)) {
    const required = listAt(target, 'required').includes(name);
    text += fieldDetail(context, name, property, { required, indentAmount: level * 2 });
    if (context.recursive) text += fieldList(context, property, level + 1, seen);
  }
  const inner = [
    ...objectsAt(target, 'allOf'),
    innerSchema(target, 'items'),
    innerSchema(target, 'additionalProperties'),
  ];
  for (const one of inner) if (one !== undefined) text += fieldList(context, one, level, seen);
  return text;
}

function fieldDetail(
  { document, recursive }: ExplainContext,
  name: string,
  schema: JsonObject,
  { required, indentAmount }: { readonly required: boolean; readonly indentAmount: number },
): string {
  const pad = ' '.repeat(indentAmount);
  const head = `${pad}${name}\t<${typeGuess(document, schema)}>${required ? ' -required-' : ''}`;
  const values = listAt(schema, 'enum').map(formatEnumValue);
  // The short view shows four values, as the template says.
  const shown = values.length > 4 ? [...values.slice(0, 4), '....'] : values;
  const line = `${head}${shown.length === 0 ? '' : `\n${pad}enum: ${shown.join(', ')}`}\n`;
  if (recursive) return line;
  const description = stringAt(schema, 'description') || '<no description>';
  return `${line}${indent(wrapWords(description, 78 - indentAmount), indentAmount + 2)}\n\n`;
}

function formatEnumValue(value: unknown): string {
  return value === '' ? '""' : String(value);
}

/** The type in short: `string`, `[]ServicePort`, `map[string]string`, `Object`. */
function typeGuess(document: OpenApiDocument, schema: JsonObject): string {
  const items = innerSchema(schema, 'items');
  if (items !== undefined) return `[]${typeGuess(document, items)}`;
  const values = innerSchema(schema, 'additionalProperties');
  if (values !== undefined) return `map[string]${typeGuess(document, values)}`;
  const [only, ...others] = objectsAt(schema, 'allOf');
  if (only !== undefined && others.length === 0 && propertiesOf(schema).size === 0)
    return typeGuess(document, only);
  const ref = stringAt(schema, '$ref');
  if (ref !== '') {
    const type = stringAt(referred(document, schema), 'type');
    if (type !== '' && type !== 'object') return type;
    return ref.split(/[/.]/).at(-1) || 'Object';
  }
  const type = stringAt(schema, 'type');
  return type === '' || type === 'object' ? 'Object' : type;
}

function propertiesOf(schema: JsonObject): ReadonlyMap<string, JsonObject> {
  const properties = objectAt(schema, 'properties');
  const names = Object.keys(properties).sort(compareKeys);
  return new Map(
    names.flatMap((name): [string, JsonObject][] => {
      const property = valueAt(properties, name);
      return isJsonObject(property) ? [[name, property]] : [];
    }),
  );
}

/** Every line pushed in, empty ones too. */
function indent(text: string, amount: number): string {
  const pad = ' '.repeat(amount);
  return pad + text.replaceAll('\n', `\n${pad}`);
}
