/**
 * `kubectl auth reconcile`: makes roles and bindings be at least what the files say.
 * Source: k8s.io/component-helpers/auth/rbac/reconciliation. Left out: aggregation rules of roles that exist already.
 */
import { type JsonObject, jsonEqual } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import type { Command } from '../cli/command.ts';
import { dryRunFlag, filenameFlags, outputFlags } from '../cli/flags.ts';
import { failure, isNotFound, type Outcome } from '../failure.ts';
import type { Invocation } from '../invocation.ts';
import { formatGoPlain } from '../printers/go-syntax.ts';
import { listAt, objectAt, objectsAt, stringAt, withValueAt } from '../rest/object-fields.ts';
import { type ResourceInfo, readInfos } from '../rest/resource-infos.ts';
import { resourcePath } from '../rest/rest-mapper.ts';
import { breakDown } from './rbac-rules.ts';
import { outcomePrinter, readDryRun } from './write-options.ts';

export const authReconcileCommand: Command = {
  name: 'reconcile',
  usage: '-f FILENAME',
  short: 'Reconciles rules for RBAC role, role binding, cluster role, and cluster role binding objects',
  flags: [
    ...filenameFlags,
    ...outputFlags,
    dryRunFlag,
    {
      name: 'remove-extra-permissions',
      type: 'bool',
      initial: 'false',
      usage: 'Takes away what a role allows beyond its file.',
    },
    {
      name: 'remove-extra-subjects',
      type: 'bool',
      initial: 'false',
      usage: 'Takes away subjects of a binding that its file lacks.',
    },
  ],
  run: runReconcile,
};

type Operation = 'create' | 'update' | 'recreate' | 'none';

interface Plan {
  readonly operation: Operation;
  readonly object: JsonObject;
  readonly isProtected: boolean;
  /** `missing rules added` and its like, each with the lines under it. */
  readonly notes: readonly (readonly [title: string, lines: readonly string[]])[];
}

async function runReconcile(invocation: Invocation): Promise<Outcome<void>> {
  const { flags } = invocation;
  if (flags.strings('filename').length === 0 && flags.string('kustomize') === '')
    return failure('must specify one of -f and -k');
  if (invocation.args.length > 0) return failure('no arguments are allowed');
  const dryRun = readDryRun(invocation);
  if (!dryRun.ok) return dryRun;
  if (dryRun.value === 'server')
    return failure('--dry-run=server for command reconcile is not supported yet');
  const read = await readInfos(invocation);
  if (!read.ok) return read;
  const [problem] = read.value.failures;
  if (problem !== undefined) return { ok: false, error: problem };
  const print = await outcomePrinter(invocation, dryRun.value, { typed: true });
  if (!print.ok) return print;
  for (const info of read.value.infos) {
    const isRule =
      info.mapping.group === 'rbac.authorization.k8s.io' &&
      /^(?:Cluster)?Role(?:Binding)?$/.test(info.mapping.kind);
    if (!isRule) continue;
    const plan = await planFor(invocation, info);
    if (!plan.ok) return plan;
    const isIdle = dryRun.value === 'client' || plan.value.isProtected;
    const result = isIdle ? ok(plan.value.object) : await carryOut(invocation, info, plan.value);
    if (!result.ok) return result;
    const printed = print.value(result.value, 'reconciled');
    if (!printed.ok) return printed;
    tell(invocation, plan.value);
  }
  return ok(undefined);
}

async function planFor(invocation: Invocation, info: ResourceInfo): Promise<Outcome<Plan>> {
  const existing = await invocation.client.get(resourcePath(info.mapping, info.namespace, info.name));
  const isBinding = info.mapping.kind.endsWith('Binding');
  const field = isBinding ? 'subjects' : 'rules';
  const wanted = objectsAt(info.object, field);
  const show = isBinding ? showSubject : showRule;
  if (!existing.ok) {
    if (!isNotFound(existing.error)) return existing;
    const notes = [[`missing ${field} added`, wanted.map(show)]] as const;
    return ok({ operation: 'create', object: info.object, isProtected: false, notes });
  }
  const present = existing.value;
  const isProtected = annotation(present) === 'false';
  if (isBinding && !jsonEqual(objectAt(info.object, 'roleRef'), objectAt(present, 'roleRef')))
    return ok({ operation: 'recreate', object: info.object, isProtected, notes: [] });
  const current = objectsAt(present, field);
  const missing = isBinding ? without(wanted, current) : uncovered(current, wanted);
  const extra = isBinding ? without(current, wanted) : uncovered(wanted, current);
  const removes = invocation.flags.bool(isBinding ? 'remove-extra-subjects' : 'remove-extra-permissions');
  let object = withMetadata(present, info.object);
  if (removes && (missing.length > 0 || extra.length > 0)) object = withValueAt(object, [field], wanted);
  else if (missing.length > 0) object = withValueAt(object, [field], [...current, ...missing]);
  const notes: (readonly [string, readonly string[]])[] = [[`missing ${field} added`, missing.map(show)]];
  if (removes) notes.push([`extra ${field} removed`, extra.map(show)]);
  return ok({ operation: jsonEqual(object, present) ? 'none' : 'update', object, isProtected, notes });
}

function annotation(object: JsonObject): string {
  return stringAt(object, 'metadata', 'annotations', 'rbac.authorization.kubernetes.io/autoupdate');
}

/** Labels and annotations of the file are added; what is there already stays as it is. */
function withMetadata(present: JsonObject, wanted: JsonObject): JsonObject {
  let object = present;
  for (const field of ['annotations', 'labels']) {
    const merged = { ...objectAt(wanted, 'metadata', field), ...objectAt(present, 'metadata', field) };
    if (Object.keys(merged).length > 0) object = withValueAt(object, ['metadata', field], merged);
  }
  return object;
}

function without(subjects: readonly JsonObject[], others: readonly JsonObject[]): readonly JsonObject[] {
  const key = (one: JsonObject) =>
    JSON.stringify(['kind', 'apiGroup', 'name', 'namespace'].map((field) => stringAt(one, field)));
  const known = new Set(others.map(key));
  return subjects.filter((one) => !known.has(key(one)));
}

/** The parts of `rules` that `owner` doesn't allow. Source: component-helpers/auth/rbac/validation, Covers. */
function uncovered(owner: readonly JsonObject[], rules: readonly JsonObject[]): readonly JsonObject[] {
  return rules.flatMap(breakDown).filter((part) => !owner.some((rule) => covers(rule, part)));
}

function covers(rule: JsonObject, part: JsonObject): boolean {
  const allows = (field: string) => {
    const given = listAt(rule, field);
    return given.includes('*') || listAt(part, field).every((one) => given.includes(one));
  };
  if (!allows('verbs')) return false;
  const [url] = listAt(part, 'nonResourceURLs');
  if (typeof url === 'string') {
    return listAt(rule, 'nonResourceURLs').some(
      (given) =>
        given === url ||
        (typeof given === 'string' && given.endsWith('*') && url.startsWith(given.slice(0, -1))),
    );
  }
  const resource = stringAt(part, 'resources', 0);
  const [, subresource] = resource.split('/');
  const resources = listAt(rule, 'resources');
  const hasResource =
    resources.includes('*') ||
    resources.includes(resource) ||
    (subresource !== undefined && resources.includes(`*/${subresource}`));
  const names = listAt(rule, 'resourceNames');
  const hasName = names.length === 0 || listAt(part, 'resourceNames').some((name) => names.includes(name));
  return allows('apiGroups') && hasResource && hasName;
}

async function carryOut(
  invocation: Invocation,
  info: ResourceInfo,
  { operation, object }: Plan,
): Promise<Outcome<JsonObject>> {
  const { client } = invocation;
  const path = resourcePath(info.mapping, info.namespace, info.name);
  if (operation === 'none') return ok(object);
  if (operation === 'update') return client.put(path, object);
  if (operation === 'recreate') {
    const gone = await client.delete(path, { apiVersion: 'v1', kind: 'DeleteOptions' });
    if (!gone.ok && !isNotFound(gone.error)) return gone;
  }
  if (info.namespace !== '') {
    const namespace = await client.get(`/api/v1/namespaces/${info.namespace}`);
    if (!namespace.ok && isNotFound(namespace.error)) {
      const name = info.namespace;
      await client.post('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    }
  }
  return client.post(resourcePath(info.mapping, info.namespace), object);
}

function tell(invocation: Invocation, { operation, isProtected, notes }: Plan): void {
  if (operation === 'none') return;
  const caveat = isProtected
    ? ', but object opted out (rbac.authorization.kubernetes.io/autoupdate: false)'
    : '';
  invocation.err(`\treconciliation required ${operation}${caveat}\n`);
  for (const [title, lines] of notes) {
    if (lines.length === 0) continue;
    invocation.err(`\t${title}:\n${lines.map((line) => `\t\t${line}\n`).join('')}`);
  }
}

/** Go's `%+v` of a subject. */
function showSubject(subject: JsonObject): string {
  const fields = ['kind', 'apiGroup', 'name', 'namespace'] as const;
  const names = { kind: 'Kind', apiGroup: 'APIGroup', name: 'Name', namespace: 'Namespace' } as const;
  return `{${fields.map((field) => `${names[field]}:${stringAt(subject, field)}`).join(' ')}}`;
}

/** Go's `%+v` of a rule. */
function showRule(rule: JsonObject): string {
  const fields = [
    ['Verbs', 'verbs'],
    ['APIGroups', 'apiGroups'],
    ['Resources', 'resources'],
    ['ResourceNames', 'resourceNames'],
    ['NonResourceURLs', 'nonResourceURLs'],
  ] as const;
  return `{${fields.map(([name, field]) => `${name}:${formatGoPlain(listAt(rule, field))}`).join(' ')}}`;
}
