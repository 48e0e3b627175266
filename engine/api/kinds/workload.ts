/**
 * What kinds that make Pods from a template have in common: defaults of the template, columns.
 */
import type { JsonObject } from '../../base/json.ts';
import { mapStruct, struct, structs, text, textMap, texts } from '../read.ts';
import { defaultPodSpec } from './pod-defaults.ts';

/** The defaults of `spec.template`. */
export function defaultTemplate(spec: JsonObject): JsonObject {
  return mapStruct(spec, 'template', (template) => mapStruct(template, 'spec', defaultPodSpec));
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
