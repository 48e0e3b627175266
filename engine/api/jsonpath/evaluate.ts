/** Walking a parsed JSONPath over an object: the evaluator of k8s.io/client-go/util/jsonpath. */

import { formatCompactJson } from '../../base/go-json.ts';
import { isJsonObject, type JsonValue } from '../../base/json.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { compareKeys } from '../../base/sorted-map.ts';
import type { FilterOperator, Operand, Step, TemplateNode } from './parse.ts';

/** What one node of a template found: texts are values too. */
export type Found = readonly JsonValue[];

/** Options of a walk. */
export interface EvaluateOptions {
  /** Missing keys give nothing instead of an error. */
  readonly allowMissingKeys: boolean;
}

/**
 * Walks a template.
 *
 * @returns one list of values for each part, ranges unrolled; an error as the library says it (`x is not found`).
 */
export function findResults(
  nodes: readonly TemplateNode[],
  root: JsonValue,
  options: EvaluateOptions,
): Result<readonly Found[], string> {
  const results: Found[] = [];
  for (const node of nodes) {
    if (node.kind === 'text') {
      results.push([node.text]);
      continue;
    }
    if (node.kind === 'refused') return err(node.reason);
    const found = walk(node.steps, [root], options);
    if (!found.ok) return found;
    if (node.kind === 'path') {
      results.push(found.value);
      continue;
    }
    for (const value of found.value) {
      const inner = findResults(node.body, value, options);
      if (!inner.ok) return inner;
      results.push(...inner.value);
    }
  }
  return ok(results);
}

/** A template's output: values of one part separated by spaces. */
export function renderResults(results: readonly Found[]): string {
  return results.map((found) => found.map(formatValue).join(' ')).join('');
}

/** A value as Go prints it into a template: strings bare, objects and arrays as compact JSON. */
export function formatValue(value: JsonValue): string {
  if (typeof value === 'string') return value;
  return value === null ? '' : formatCompactJson(value);
}

function walk(
  steps: readonly Step[],
  from: readonly JsonValue[],
  options: EvaluateOptions,
): Result<Found, string> {
  let at = from;
  for (const step of steps) {
    const next = walkStep(step, at, options);
    if (!next.ok) return next;
    at = next.value;
  }
  return ok(at);
}

function walkStep(step: Step, from: readonly JsonValue[], options: EvaluateOptions): Result<Found, string> {
  switch (step.kind) {
    case 'field':
      return walkField(step.name, from, options);
    case 'wildcard':
      return ok(from.flatMap(childrenOf));
    case 'recursive':
      return ok(from.flatMap(descendantsOf));
    case 'slice':
      return walkSlice(step, from);
    case 'union': {
      const all: JsonValue[] = [];
      for (const path of step.paths) {
        const found = walk(path, from, options);
        if (!found.ok) return found;
        all.push(...found.value);
      }
      return ok(all);
    }
    case 'filter':
      return walkFilter(step.left, step.operator, step.right, from);
  }
}

function walkField(
  name: string,
  from: readonly JsonValue[],
  options: EvaluateOptions,
): Result<Found, string> {
  const found: JsonValue[] = [];
  for (const value of from) {
    if (isJsonObject(value) && Object.hasOwn(value, name)) found.push(value[name] ?? null);
  }
  if (found.length === 0 && !options.allowMissingKeys) return err(`${name} is not found`);
  return ok(found);
}

function childrenOf(value: JsonValue): readonly JsonValue[] {
  if (Array.isArray(value)) return value;
  if (!isJsonObject(value)) return [];
  return Object.keys(value)
    .sort(compareKeys)
    .map((key) => value[key] ?? null);
}

function descendantsOf(value: JsonValue): readonly JsonValue[] {
  const children = childrenOf(value);
  if (children.length === 0 && !isJsonObject(value) && !Array.isArray(value)) return [];
  return [value, ...children.flatMap(descendantsOf)];
}

function walkSlice(
  step: Extract<Step, { kind: 'slice' }>,
  from: readonly JsonValue[],
): Result<Found, string> {
  const found: JsonValue[] = [];
  for (const value of from) {
    if (value === null) continue;
    if (!Array.isArray(value)) return err(`${formatValue(value)} is not array or slice`);
    const { length } = value;
    const start = resolve(step.from ?? 0, length);
    const end = step.isIndex ? start + 1 : resolve(step.to ?? length, length);
    if (step.isIndex && (start < 0 || start >= length)) {
      return err(`array index out of bounds: index ${start}, length ${length}`);
    }
    if (step.by < 1) return err('step must be > 0');
    for (let index = Math.max(0, start); index < Math.min(end, length); index += step.by)
      found.push(value[index] ?? null);
  }
  return ok(found);
}

function resolve(index: number, length: number): number {
  return index < 0 ? index + length : index;
}

function walkFilter(
  left: Operand,
  operator: FilterOperator,
  right: Operand,
  from: readonly JsonValue[],
): Result<Found, string> {
  const kept: JsonValue[] = [];
  for (const value of from) {
    if (!Array.isArray(value)) {
      if (value === null) continue;
      return err(`${formatValue(value)} is not array or slice and cannot be filtered`);
    }
    for (const item of value) {
      const lefts = evaluateOperand(left, item);
      if (operator === 'exists') {
        if (lefts.ok && lefts.value.length > 0) kept.push(item);
        continue;
      }
      if (!lefts.ok) return lefts;
      const [l] = lefts.value;
      if (l === undefined) continue;
      if (lefts.value.length > 1) return err('can only compare one element at a time');
      const rights = evaluateOperand(right, item);
      if (!rights.ok) return rights;
      const [r] = rights.value;
      if (r === undefined) continue;
      if (rights.value.length > 1) return err('can only compare one element at a time');
      if (typeof l !== typeof r) return err('incompatible types for comparison');
      if (compares(l, operator, r)) kept.push(item);
    }
  }
  return ok(kept);
}

function evaluateOperand(operand: Operand, item: JsonValue): Result<Found, string> {
  if (operand.kind === 'value') return ok([operand.value]);
  if (operand.kind === 'refused') return err(operand.reason);
  return walk(operand.steps, [item], { allowMissingKeys: true });
}

function compares(left: JsonValue, operator: Exclude<FilterOperator, 'exists'>, right: JsonValue): boolean {
  const order = compareValues(left, right);
  if (order === undefined) return operator === '!=';
  switch (operator) {
    case '==':
      return order === 0;
    case '!=':
      return order !== 0;
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
  }
}

/** Numbers by size, texts by code unit; values of different types have no order. */
function compareValues(left: JsonValue, right: JsonValue): number | undefined {
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  if (typeof left === 'string' && typeof right === 'string') return compareKeys(left, right);
  if (typeof left === 'boolean' && typeof right === 'boolean') return Number(left) - Number(right);
  return undefined;
}
