/**
 * Holds Pods to the Pod Security Standards that the labels of their namespace ask for, and warns of templates of such Pods.
 * Nothing is asked of namespaces without labels. Source: k8s.io/pod-security-admission/admission, admission.go.
 */
import {
  formatLevel,
  isAtLeast,
  type LevelVersion,
  type Policy,
  policyOf,
} from '../../../api/pod-security/levels.ts';
import { detailsOf, reasonsOf, violationsOf } from '../../../api/pod-security/violations.ts';
import { asJson, struct, structs, text, textMap } from '../../../api/read.ts';
import { type JsonObject, jsonEqual } from '../../../base/json.ts';
import { err, ok } from '../../../base/result.ts';
import { type StoredObject, storeKey } from '../../store/store.ts';
import { nameOf } from '../object-access.ts';
import { forbidden, invalid, type Outcome, qualified } from '../refusals.ts';
import type { Call } from '../server-context.ts';

/** Where a kind keeps the template of its Pods. */
const templates: ReadonlyMap<string, readonly string[]> = new Map([
  ['podtemplates', ['template']],
  ['replicationcontrollers', ['spec', 'template']],
  ['replicasets.apps', ['spec', 'template']],
  ['deployments.apps', ['spec', 'template']],
  ['statefulsets.apps', ['spec', 'template']],
  ['daemonsets.apps', ['spec', 'template']],
  ['jobs.batch', ['spec', 'template']],
  ['cronjobs.batch', ['spec', 'jobTemplate', 'spec', 'template']],
]);

/** Source: maxPodsToCheck of the admission's configuration. */
const mostPodsChecked = 3_000;

/** Refuses or warns of a Pod, a template or a namespace's labels. */
export function checkPodSecurity(call: Call, object: JsonObject, before?: StoredObject): Outcome<true> {
  const resource = qualified(call.kind.plural, call.kind.group);
  if (resource === 'namespaces') return checkNamespace(call, object, before);
  if (resource === 'pods') return checkPod(call, object, before);
  const path = templates.get(resource);
  if (path !== undefined && call.subresource === '') checkTemplate(call, path.reduce(struct, object));
  return ok(true);
}

function checkNamespace(call: Call, namespace: JsonObject, before: StoredObject | undefined): Outcome<true> {
  if (call.subresource !== '') return ok(true);
  const policy = policyOfNamespace(namespace);
  const old = before === undefined ? undefined : policyOfNamespace(asJson(before));
  if (policy.errors.length > 0 && !jsonEqual(policy.errors, old?.errors)) {
    return err(invalid('', 'Namespace', nameOf(namespace), policy.errors));
  }
  if (old === undefined || !isStricter(policy.enforce, old.enforce)) return ok(true);
  call.warnings.push(...warningsOfPods(call, nameOf(namespace), policy.enforce));
  return ok(true);
}

function policyOfNamespace(namespace: JsonObject): Policy {
  return policyOf(textMap(struct(namespace, 'metadata'), 'labels'));
}

/** Whether Pods that were allowed may be so no longer. */
function isStricter(enforce: LevelVersion, old: LevelVersion): boolean {
  if (enforce.level === 'privileged') return false;
  return enforce.version !== old.version || !isAtLeast(old.level, enforce.level);
}

/** Which Pods of a namespace a stricter level would not allow, the like of them together. */
function warningsOfPods(call: Call, namespace: string, enforce: LevelVersion): readonly string[] {
  const pods = [...call.server.store.list(storeKey('', 'pods', namespace, ''))].map(([, pod]) => asJson(pod));
  const checked = oneOfEachOwnerFirst(pods).slice(0, mostPodsChecked);
  const byReason = new Map<string, string[]>();
  for (const pod of checked) {
    const violations = violationsOf(pod, struct(pod, 'spec'), enforce);
    if (violations.length === 0) continue;
    const reason = reasonsOf(violations);
    byReason.set(reason, [...(byReason.get(reason) ?? []), nameOf(pod)]);
  }
  const found = [...byReason].map(([reason, names]) => {
    const [first = ''] = names.toSorted();
    const more = names.length - 1;
    const others = more === 0 ? '' : ` (and ${more} other ${more === 1 ? 'pod' : 'pods'})`;
    return `${first}${others}: ${reason}`;
  });
  return [
    ...(checked.length < pods.length
      ? [
          `new PodSecurity enforce level only checked against the first ${checked.length} of ${pods.length} existing pods`,
        ]
      : []),
    ...(found.length > 0
      ? [
          `existing pods in namespace ${JSON.stringify(namespace)} violate the new PodSecurity enforce level ${JSON.stringify(formatLevel(enforce))}`,
        ]
      : []),
    ...found.toSorted(),
  ];
}

function oneOfEachOwnerFirst(pods: readonly JsonObject[]): readonly JsonObject[] {
  const seen = new Set<string>();
  const first: JsonObject[] = [];
  const more: JsonObject[] = [];
  for (const pod of pods) {
    const owner = structs(struct(pod, 'metadata'), 'ownerReferences').find(
      ({ controller }) => controller === true,
    );
    const uid = owner === undefined ? '' : text(owner, 'uid');
    (uid !== '' && seen.has(uid) ? more : first).push(pod);
    seen.add(uid);
  }
  return [...first, ...more];
}

function checkPod(call: Call, pod: JsonObject, before: StoredObject | undefined): Outcome<true> {
  const { subresource } = call;
  if (subresource !== '' && subresource !== 'ephemeralcontainers') return ok(true);
  const policy = policyFor(call);
  if (policy === undefined || (before !== undefined && !isSignificant(pod, asJson(before)))) return ok(true);
  const violations = violationsOf(pod, struct(pod, 'spec'), policy.enforce);
  if (violations.length === 0) {
    warn(call, pod, policy.warn);
    return ok(true);
  }
  const level = JSON.stringify(formatLevel(policy.enforce));
  // The name is that of the request, which a Pod that is to be given one has none of.
  const name = call.name === '' ? nameOf(pod) : call.name;
  return err(forbidden(call.kind, name, `violates PodSecurity ${level}: ${detailsOf(violations)}`));
}

function checkTemplate(call: Call, template: JsonObject): void {
  const policy = policyFor(call);
  if (policy !== undefined) warn(call, template, policy.warn);
}

function warn(call: Call, pod: JsonObject, level: LevelVersion): void {
  const violations = violationsOf(pod, struct(pod, 'spec'), level);
  if (violations.length === 0) return;
  call.warnings.push(
    `would violate PodSecurity ${JSON.stringify(formatLevel(level))}: ${detailsOf(violations)}`,
  );
}

/** What the call's namespace asks for; undefined when it asks for nothing. */
function policyFor(call: Call): Policy | undefined {
  const namespace = call.server.store.get(storeKey('', 'namespaces', '', call.namespace));
  if (namespace?.metadata.labels === undefined) return undefined;
  const policy = policyOfNamespace(asJson(namespace));
  return policy.enforce.level === 'privileged' && policy.warn.level === 'privileged' ? undefined : policy;
}

/** Whether a change of a Pod is one that rules may be broken by: another image, or another container. */
function isSignificant(pod: JsonObject, before: JsonObject): boolean {
  const images = (object: JsonObject, list: string): readonly string[] =>
    structs(struct(object, 'spec'), list).map((container) => text(container, 'image'));
  const isOther = (list: string): boolean => !jsonEqual(images(pod, list), images(before, list));
  if (isOther('containers') || isOther('initContainers')) return true;
  const known = new Map(
    structs(struct(before, 'spec'), 'ephemeralContainers').map((container) => [
      text(container, 'name'),
      text(container, 'image'),
    ]),
  );
  return structs(struct(pod, 'spec'), 'ephemeralContainers').some(
    (container) => known.get(text(container, 'name')) !== text(container, 'image'),
  );
}
