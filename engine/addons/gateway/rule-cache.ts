/**
 * What was read from routes is kept as long as the route and all that it was read from stay the same objects: a change costs the
 * routes that it is about. The store's objects are frozen, so the same object says the same.
 */
import type { JsonObject } from '../../base/json.ts';
import type { ReferenceView } from './references.ts';
import { type ReadRules, type RouteFacts, readRules } from './rules.ts';

/** Reads rules, or finds them read. */
export type RuleReader = (view: ReferenceView, object: JsonObject, route: RouteFacts) => ReadRules;

interface Kept {
  readonly object: JsonObject;
  readonly grants: readonly JsonObject[];
  readonly isCurrent: (view: ReferenceView) => boolean;
  readonly rules: ReadRules;
}

/** Routes that are kept; more than anybody writes. */
const maxKept = 10_000;

/** Nothing is kept yet. */
export function createRuleReader(): RuleReader {
  const kept = new Map<string, Kept>();
  let grants: readonly JsonObject[] = [];
  return (view, object, route) => {
    if (!isSameList(grants, view.grants)) grants = view.grants;
    const key = `${route.kind}/${route.namespace}/${route.name}`;
    const known = kept.get(key);
    if (known?.object === object && known.grants === grants && known.isCurrent(view)) return known.rules;
    const { recording, isCurrent } = record(view);
    const rules = readRules(recording, route);
    if (kept.size >= maxKept) kept.clear();
    kept.set(key, { object, grants, isCurrent, rules });
    return rules;
  };
}

/** A view that remembers what it was asked for, and what it said. */
function record(view: ReferenceView) {
  const checks = new Map<string, (view: ReferenceView) => boolean>();
  const recording: ReferenceView = {
    grants: view.grants,
    service(namespace, name) {
      const found = view.service(namespace, name);
      checks.set(`service ${namespace}/${name}`, (later) => later.service(namespace, name) === found);
      return found;
    },
    slicesOf(namespace, service) {
      const found = [...view.slicesOf(namespace, service)];
      checks.set(`slices ${namespace}/${service}`, (later) =>
        isSameList(later.slicesOf(namespace, service), found),
      );
      return found;
    },
    secret(namespace, name) {
      const found = view.secret(namespace, name);
      checks.set(`secret ${namespace}/${name}`, (later) => later.secret(namespace, name) === found);
      return found;
    },
  };
  const isCurrent = (later: ReferenceView) => [...checks.values()].every((check) => check(later));
  return { recording, isCurrent };
}

function isSameList<T>(a: readonly T[], b: readonly T[]): boolean {
  return a === b || (a.length === b.length && a.every((item, index) => item === b[index]));
}
