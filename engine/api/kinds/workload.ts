/**
 * What kinds that make Pods from a template have in common: defaults of the template, generations, columns.
 */
import { type JsonObject, jsonEqual } from '../../base/json.ts';
import { asJson, mapStruct, number, struct, structs, text, textMap, texts } from '../read.ts';
import type { KubeObject } from '../types/wire.ts';
import { keepStatus } from './define.ts';
import { defaultPodSpec } from './pod-defaults.ts';

/** The defaults of `spec.template`. */
export function defaultTemplate(spec: JsonObject): JsonObject {
  return mapStruct(spec, 'template', (template) => mapStruct(template, 'spec', defaultPodSpec));
}

/** A new object's first generation, and its status as the server begins it. */
export function beginGeneration(object: JsonObject, status: JsonObject): JsonObject {
  return { ...object, metadata: { ...struct(object, 'metadata'), generation: 1 }, status };
}

/** An update keeps the status; a change of the spec (or of more, by the kind's word) makes a new generation. */
export function bumpGeneration(object: JsonObject, oldObject: KubeObject, alsoWhen = false): JsonObject {
  const old = asJson(oldObject);
  const before = number(struct(old, 'metadata'), 'generation') ?? 0;
  const isChanged = alsoWhen || !jsonEqual(object.spec ?? null, old.spec ?? null);
  const generation = before + (isChanged ? 1 : 0);
  if (generation === 0) return keepStatus(object, oldObject);
  return keepStatus({ ...object, metadata: { ...struct(object, 'metadata'), generation } }, oldObject);
}

/** A LabelSelector as columns show it: `app=web,tier in (a,b)`. Source: metav1.FormatLabelSelector. */
export function formatLabelSelector(parent: JsonObject, key: string): string {
  const selector = struct(parent, key);
  const terms = [...textMap(selector, 'matchLabels')].map(([name, value]) => ({
    name,
    text: `${name}=${value}`,
  }));
  for (const expression of structs(selector, 'matchExpressions')) {
    terms.push({ name: text(expression, 'key'), text: formatExpression(expression) });
  }
  if (terms.length === 0) return '<none>';
  return terms
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
    .map((term) => term.text)
    .join(',');
}

function formatExpression(expression: JsonObject): string {
  const name = text(expression, 'key');
  const values = [...texts(expression, 'values')].sort().join(',');
  switch (text(expression, 'operator')) {
    case 'In':
      return `${name} in (${values})`;
    case 'NotIn':
      return `${name} notin (${values})`;
    case 'Exists':
      return name;
    default:
      return `!${name}`;
  }
}
