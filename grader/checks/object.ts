/** Check `object`: objects that must be there, or must not, and the fields that the task itself demands. */
import type { Cause, JsonObject, JsonValue, ObjectName } from '../../engine/index.ts';
import type { ObjectCheck } from '../exercise/schema.ts';
import { formatValue } from './computed-value.ts';
import { type CheckContext, type CheckOutcome, failed, passed } from './context.ts';
import { clusterOf, explainMissingObject, findObjects, formatLabels, nameOf } from './objects.ts';
import { matches } from './pattern.ts';

/** What one value can tell by itself. */
type FieldWant = Exclude<ObjectCheck['fields'][string], { readonly asBefore: boolean }>;

/** Looks the objects up and holds their fields against what is wanted. */
export async function runObjectCheck(check: ObjectCheck, context: CheckContext): Promise<CheckOutcome> {
  const { kind, objects } = findObjects(context.cluster, check);
  const fitting = objects.filter((object) => firstWrongField(check, context, object) === undefined);
  const [least, most] = bounds(check.count);
  if (fitting.length >= least && fitting.length <= most) return passed;
  if (fitting.length > most) return failed(explainTooMany(check, context, { kind, objects: fitting }));
  const nearly = objects.find((object) => !fitting.includes(object));
  if (nearly !== undefined) {
    const wrong = firstWrongField(check, context, nearly);
    if (wrong !== undefined) return failed(explainField(check, context, nameOf(nearly, kind), wrong));
  }
  if (fitting.length === 0) return failed(explainMissingObject(context.cluster, check, context.world));
  return failed(countDiffers(check, { kind, objects: fitting }));
}

function bounds(count: ObjectCheck['count']): readonly [least: number, most: number] {
  if (count === undefined) return [1, Number.POSITIVE_INFINITY];
  if (typeof count === 'number') return [count, count];
  return [count.atLeast ?? 0, count.atMost ?? Number.POSITIVE_INFINITY];
}

/** A Pod that was given no node, or whose containers do not run, lacks more than the field. */
function explainField(
  check: ObjectCheck,
  context: CheckContext,
  object: ObjectName,
  wrong: WrongField,
): Cause {
  const isLater = object.kind === 'Pod' && /^(status\.|spec\.nodeName$)/.test(wrong.path);
  if (wrong.path === 'metadata.uid' && wrong.asBefore !== undefined) {
    return { code: 'identity-differs', object, shouldBeNew: !wrong.asBefore };
  }
  const pod = isLater
    ? context.engine.explainPod(clusterOf(context.cluster, check), object.namespace, object.name)
    : undefined;
  const { path, wanted, found } = wrong;
  return pod ?? { code: 'field-differs', object, path, wanted, found };
}

/** The object that is one too many: none that was there before, none that the task speaks of. */
function explainTooMany(
  check: ObjectCheck,
  context: CheckContext,
  found: { readonly kind: string; readonly objects: readonly JsonObject[] },
): Cause {
  const before = findObjects(context.world, check).objects.map((object) => nameOf(object, found.kind).name);
  const names = found.objects.map((object) => nameOf(object, found.kind));
  const extra =
    bounds(check.count)[1] === 0
      ? names[0]
      : names.find(({ name }) => !before.includes(name) && !context.namedObjects.has(name));
  return extra === undefined
    ? countDiffers(check, found)
    : { code: 'object-should-not-exist', object: extra };
}

function countDiffers(
  check: ObjectCheck,
  { kind, objects }: { readonly kind: string; readonly objects: readonly JsonObject[] },
): Cause {
  const [least, most] = bounds(check.count);
  const names = objects.map((object) => nameOf(object, kind));
  return {
    code: 'count-differs',
    counted: { kind, namespace: check.namespace, name: formatLabels(check.labels ?? {}) },
    wanted: most === least ? String(least) : objects.length < least ? `≥ ${least}` : `≤ ${most}`,
    found: names.map(({ name }) => name),
  };
}

interface WrongField {
  readonly path: string;
  readonly wanted: string;
  readonly found: string | undefined;
  /** Where the field was to be, or not to be, what it was before. */
  readonly asBefore?: boolean;
}

function firstWrongField(
  check: ObjectCheck,
  context: CheckContext,
  object: JsonObject,
): WrongField | undefined {
  for (const [path, want] of Object.entries(check.fields)) {
    const values = context.engine.evaluateJsonPath(object, path);
    if (!values.ok) throw new Error(`JSONPath ${path}: ${values.error}`);
    const found = values.value.length === 0 ? undefined : values.value.map(formatValue).join(', ');
    const differs = (wanted: string) => ({ path: path.replace(/^\./, ''), wanted, found });
    if (typeof want === 'object' && 'asBefore' in want) {
      const before = valuesBefore(check, context, path);
      const isThere = values.value.some((value) => before.includes(formatValue(value)));
      if (isThere !== want.asBefore || found === undefined)
        return { ...differs(`${want.asBefore ? '' : '≠ '}${before.join(' | ')}`), asBefore: want.asBefore };
    } else if (!holds(want, values.value)) return differs(formatWant(want));
  }
  return undefined;
}

/** What the objects of the check had at the path before the learner's files. */
function valuesBefore(check: ObjectCheck, { engine, world }: CheckContext, path: string): readonly string[] {
  return findObjects(world, check).objects.flatMap((object) => {
    const values = engine.evaluateJsonPath(object, path);
    return values.ok ? values.value.map(formatValue) : [];
  });
}

/** Any value that fits is enough; `absent` wants none at all. */
function holds(want: FieldWant, values: readonly JsonValue[]): boolean {
  if (typeof want === 'object' && 'absent' in want) return values.length === 0;
  return values.some((value) => fits(want, value));
}

function fits(want: FieldWant, value: JsonValue): boolean {
  if (typeof want !== 'object') return value === want;
  if ('matches' in want) return matches(want.matches, formatValue(value));
  if ('oneOf' in want) return want.oneOf.some((one) => one === value);
  if ('atLeast' in want) return typeof value === 'number' && value >= want.atLeast;
  if ('atMost' in want) return typeof value === 'number' && value <= want.atMost;
  return 'present' in want;
}

function formatWant(want: FieldWant): string {
  if (typeof want !== 'object') return String(want);
  if ('matches' in want) return `/${want.matches}/`;
  if ('oneOf' in want) return want.oneOf.join(' | ');
  if ('atLeast' in want) return `≥ ${want.atLeast}`;
  if ('atMost' in want) return `≤ ${want.atMost}`;
  return 'absent' in want ? '∅' : '*';
}
