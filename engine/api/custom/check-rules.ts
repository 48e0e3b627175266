/**
 * Holds a value to the rules of its schema. Source: apiextensions-apiserver/pkg/apiserver/schema/cel/validation.go; the
 * bounds of what rules may cost from k8s.io/apiserver/pkg/apis/cel/config.go.
 */
import { isJsonObject, type JsonValue } from '../../base/json.ts';
import { compareKeys } from '../../base/sorted-map.ts';
import { type Activation, CostExceededError, evaluateCel } from '../cel/evaluate.ts';
import type { Expr } from '../cel/parse.ts';
import { CelError, type CelValue } from '../cel/values.ts';
import { duplicate, forbidden, invalid, invalidStruct, required } from '../field-errors.ts';
import type { FieldError } from '../scheme.ts';
import { celTypeOf, celValueOf } from './cel-schema.ts';
import { type CompiledRule, compileRules } from './compile-rules.ts';
import { type Correlation, correlateItem, correlateKey, findOldItem, isUnchanged } from './correlation.ts';
import { rulePath } from './rule-path.ts';
import { childNode, type SchemaNode, type ValidationRule } from './schema-node.ts';

/** What one expression may cost, and all rules together for one object. */
const perCallLimit = 1_000_000;
const budgetPerObject = 10_000_000;
const maxMessageLength = 5120;

/** A value with what it was before, if it was. */
interface Subject {
  readonly node: SchemaNode;
  readonly value: JsonValue;
  readonly old?: JsonValue;
  readonly path: string;
  /** A whole object, whose rules see its name. */
  readonly isRoot: boolean;
  readonly correlation?: Correlation;
  /** Of the nearest value around this one that has one, where this one has none. */
  readonly around?: Correlation;
}

// Whether a schema has rules follows from it alone.
const withRules = new WeakMap<SchemaNode, boolean>();

/** Whether a schema has any rule. */
export function hasRules(node: SchemaNode): boolean {
  const known = withRules.get(node);
  if (known !== undefined) return known;
  const { items, additionalProperties } = node;
  const found =
    node.rules.length > 0 ||
    (items !== undefined && hasRules(items)) ||
    (typeof additionalProperties === 'object' && hasRules(additionalProperties)) ||
    [...node.properties.values()].some(hasRules);
  withRules.set(node, found);
  return found;
}

/** The problems that a value's rules, and those of all that is in it, find. */
export function checkRules(subject: Omit<Subject, 'around'>): readonly FieldError[] {
  const run = new Run();
  run.check(subject);
  return run.errors;
}

/** The rules of one object being run: what they found, and what they may still cost. */
class Run {
  readonly errors: FieldError[] = [];
  #budget = budgetPerObject;

  check(subject: Subject): void {
    const { node, value } = subject;
    if (value === null || this.#budget < 0 || !hasRules(node)) return;
    this.#checkOwn(subject);
    if (Array.isArray(value)) this.#checkItems(subject, value);
    else if (isJsonObject(value)) this.#checkFields(subject, value);
  }

  #checkItems(subject: Subject, value: readonly JsonValue[]): void {
    const { node, old, path, correlation } = subject;
    const { items } = node;
    if (items === undefined) return;
    for (const [index, item] of value.entries()) {
      const before = findOldItem(node, old, item);
      const own = correlateItem(correlation, node, item);
      this.check({
        node: items,
        value: item,
        path: `${path}[${index}]`,
        isRoot: items.embeddedResource,
        ...(before === undefined ? {} : { old: before }),
        ...this.#correlationBelow(subject, own),
      });
    }
  }

  #checkFields(subject: Subject, value: { readonly [key: string]: JsonValue }): void {
    const { node, old, path, correlation } = subject;
    for (const key of Object.keys(value).sort(compareKeys)) {
      const child = childNode(node, key);
      if (child === undefined || celTypeOf(child) === undefined) continue;
      const before = isJsonObject(old) && Object.hasOwn(old, key) ? old[key] : undefined;
      const below = node.properties.has(key) ? (path === '' ? key : `${path}.${key}`) : `${path}[${key}]`;
      this.check({
        node: child,
        value: value[key] ?? null,
        path: below,
        isRoot: child.embeddedResource,
        ...(before === undefined ? {} : { old: before }),
        ...this.#correlationBelow(subject, correlateKey(correlation, node, key)),
      });
    }
  }

  #correlationBelow(
    { correlation, around }: Subject,
    own: Correlation | undefined,
  ): Pick<Subject, 'correlation' | 'around'> {
    const nearest = correlation ?? around;
    return {
      ...(own === undefined ? {} : { correlation: own }),
      ...(nearest === undefined ? {} : { around: nearest }),
    };
  }

  #checkOwn(subject: Subject): void {
    const { node, value, old, path, isRoot } = subject;
    const rules = compileRules(node, isRoot);
    if (rules.length === 0) return;
    const self = celValueOf(node, value, isRoot);
    const before = old === undefined || old === null ? undefined : celValueOf(node, old, isRoot);
    for (const compiled of rules) {
      if (this.#budget < 0) return;
      const problem = (detail: string) => this.errors.push(invalid(path, shownType(subject), detail));
      if (compiled.error !== undefined) {
        problem(`rule compile error: ${compiled.error}`);
        continue;
      }
      const isOptional = compiled.rule.optionalOldSelf === true;
      if (compiled.expr === undefined || (compiled.usesOldSelf && before === undefined && !isOptional))
        continue;
      const variables = activationOf(self, before, isOptional);
      const outcome = this.#evaluate(compiled.expr, variables);
      if (outcome instanceof CostExceededError) {
        problem(
          `'${outcome.message}': no further validation rules will be run due to call cost exceeds limit for rule: ${ruleText(compiled.rule)}`,
        );
        this.#budget = -1;
      } else if (outcome instanceof CelError) {
        problem(
          outcome.message.startsWith('no such overload')
            ? `'${outcome.message}': call arguments did not match a supported operator, function or macro signature for rule: ${ruleText(compiled.rule)}`
            : `${outcome.message} evaluating rule: ${ruleText(compiled.rule)}`,
        );
      } else if (this.#budget < 0) {
        problem(
          'validation failed due to running out of cost budget, no further validation rules will be run',
        );
      } else if (outcome.value !== true) {
        this.#fail(subject, compiled, variables);
      }
    }
  }

  #evaluate(expr: Expr, variables: Activation): { readonly value: CelValue } | CelError | CostExceededError {
    try {
      const { value, cost } = evaluateCel(expr, variables, perCallLimit);
      this.#budget -= cost;
      return { value };
    } catch (thrown) {
      if (thrown instanceof CelError || thrown instanceof CostExceededError) return thrown;
      throw thrown;
    }
  }

  #fail(subject: Subject, compiled: CompiledRule, variables: Activation): void {
    const { node, value, path, correlation, around } = subject;
    // What a change left alone may go on breaking rules, but for those about the change itself.
    if (!compiled.usesOldSelf && isUnchanged(correlation ?? around)) return;
    const { rule } = compiled;
    const field = rulePath(node, path, rule.fieldPath);
    const detail = this.#messageOf(compiled, variables) ?? messageOf(rule);
    const isCompound = node.type === 'object' || node.type === 'array';
    this.errors.push(reasonError(rule.reason, field, isCompound ? undefined : value, detail));
  }

  /** The text that a rule's messageExpression gives; undefined when it has none, or none that can be shown. */
  #messageOf({ message }: CompiledRule, variables: Activation): string | undefined {
    if (message === undefined) return undefined;
    const outcome = this.#evaluate(message, variables);
    if (outcome instanceof Error || typeof outcome.value !== 'string') return undefined;
    const text = outcome.value.trim();
    return text === '' || text.includes('\n') || text.length > maxMessageLength ? undefined : text;
  }
}

function activationOf(self: CelValue, old: CelValue | undefined, isOptional: boolean): Activation {
  const variables = new Map<string, CelValue>([['self', self]]);
  if (isOptional)
    variables.set(
      'oldSelf',
      old === undefined ? { special: 'optional' } : { special: 'optional', value: old },
    );
  else if (old !== undefined) variables.set('oldSelf', old);
  return variables;
}

/** Upstream shows the type where an error is about the rule rather than the value. */
function shownType({ node, isRoot }: Subject): string {
  return isRoot ? 'object' : node.type;
}

function ruleText({ message, rule }: ValidationRule): string {
  return (message === '' ? rule : message).trim();
}

function messageOf(rule: ValidationRule): string {
  return rule.message === '' ? `failed rule: ${ruleText(rule)}` : rule.message.trim();
}

function reasonError(
  reason: string,
  field: string,
  value: JsonValue | undefined,
  detail: string,
): FieldError {
  switch (reason) {
    case 'FieldValueForbidden':
      return forbidden(field, detail);
    case 'FieldValueRequired':
      return required(field, detail);
    case 'FieldValueDuplicate':
      return value === undefined
        ? { type: 'FieldValueDuplicate', field, message: 'Duplicate value' }
        : duplicate(field, value);
    default:
      return value === undefined ? invalidStruct(field, detail) : invalid(field, value, detail);
  }
}
