/** Taking the rules of roles apart and putting them together again. Source: k8s.io/kubectl/pkg/util/rbac. */
import type { JsonObject, JsonValue } from '../../base/json.ts';
import { compareKeys } from '../../base/sorted-map.ts';
import { formatGoPlain } from '../printers/go-syntax.ts';
import { listAt, stringAt } from '../rest/object-fields.ts';

/** The rules of a SelfSubjectRulesReview as rules of a role. */
export function rulesOfReview(
  resourceRules: readonly JsonObject[],
  nonResourceRules: readonly JsonObject[],
): readonly JsonObject[] {
  return [...resourceRules, ...nonResourceRules];
}

/** One rule for each resource with all its verbs, after the rules that name paths. */
export function compactRules(rules: readonly JsonObject[]): readonly JsonObject[] {
  const others: JsonObject[] = [];
  const byResource = new Map<string, { readonly rule: JsonObject; readonly verbs: JsonValue[] }>();
  for (const part of rules.flatMap(breakDown)) {
    const [verb] = listAt(part, 'verbs');
    if (listAt(part, 'nonResourceURLs').length > 0 || verb === undefined) {
      others.push(part);
      continue;
    }
    const key = JSON.stringify([
      listAt(part, 'apiGroups'),
      listAt(part, 'resources'),
      listAt(part, 'resourceNames'),
    ]);
    const known = byResource.get(key);
    if (known === undefined) byResource.set(key, { rule: part, verbs: [verb] });
    else if (!known.verbs.includes(verb)) known.verbs.push(verb);
  }
  return [...others, ...[...byResource.values()].map(({ rule, verbs }) => ({ ...rule, verbs }))];
}

/** Rules that have at most one verb, one resource and one name each. */
export function breakDown(rule: JsonObject): readonly JsonObject[] {
  const parts: JsonObject[] = [];
  const names = listAt(rule, 'resourceNames');
  for (const group of listAt(rule, 'apiGroups')) {
    for (const resource of listAt(rule, 'resources')) {
      for (const verb of listAt(rule, 'verbs')) {
        const part = { apiGroups: [group], resources: [resource], verbs: [verb] };
        if (names.length === 0) parts.push(part);
        else parts.push(...names.map((name) => ({ ...part, resourceNames: [name] })));
      }
    }
  }
  for (const url of listAt(rule, 'nonResourceURLs')) {
    parts.push(...listAt(rule, 'verbs').map((verb) => ({ nonResourceURLs: [url], verbs: [verb] })));
  }
  return parts;
}

/** Rules as lines of a table, in upstream's order: resources, paths, names, verbs. */
export function ruleLines(rules: readonly JsonObject[]): readonly string[] {
  return rules
    .map((rule) => ({
      key: sortKey(rule),
      line: [
        combineResource(rule),
        ...['nonResourceURLs', 'resourceNames', 'verbs'].map((field) => formatGoPlain(listAt(rule, field))),
      ].join('\t'),
    }))
    .sort((a, b) => compareKeys(a.key, b.key))
    .map(({ line }) => line);
}

/** The rule as Go's generated String method writes it, by which upstream sorts. */
function sortKey(rule: JsonObject): string {
  return ['verbs', 'apiGroups', 'resources', 'resourceNames', 'nonResourceURLs']
    .map((field) => `${field}:${formatGoPlain(listAt(rule, field))}`)
    .join(',');
}

/** `deployments.apps/scale` */
function combineResource(rule: JsonObject): string {
  const resource = stringAt(rule, 'resources', 0);
  if (resource === '') return '';
  const [plural = '', ...sub] = resource.split('/');
  const group = stringAt(rule, 'apiGroups', 0);
  return `${plural}${group === '' ? '' : `.${group}`}${sub.length === 0 ? '' : `/${sub.join('/')}`}`;
}
