/**
 * Scripts for a control plane without kubelets: what clients write and what nodes report, step by step, and what controllers
 * and the scheduler make of it. The same script runs against a real one and against ours; what it tells is free of names,
 * addresses and times that are drawn or follow the clock.
 */
import type { ApiRequest } from '../../api/request.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { compareKeys } from '../../base/sorted-map.ts';
import { createNeutralizer, type Neutralizer, sortKeys } from './neutral.ts';

/** Where a script is run. */
export interface Door {
  send(
    method: ApiRequest['method'],
    path: string,
    body?: JsonObject,
    contentType?: string,
  ): Promise<JsonObject>;
  /** Waits until nobody has anything left to do; `look` tells what the script is about as it stands. */
  rest(look: () => Promise<string>): Promise<void>;
  /** Lets time pass. */
  advance(seconds: number): Promise<void>;
  /** The time as objects carry it. */
  now(): string;
}

/** What the nodes report about some Pods, the oldest first. */
export interface Report {
  /** `key=value`; all Pods of the script without it. */
  readonly select?: string;
  readonly count?: number;
  readonly becomes: 'ready' | 'unready' | 'succeeded' | 'failed' | 'gone';
  readonly exitCode?: number;
}

/** One step; paths are `plural/name`, in the script's own namespace. */
export type Step =
  | { readonly create: JsonObject }
  | { readonly patch: string; readonly with: JsonObject; readonly subresource?: 'status' | 'scale' }
  | { readonly delete: string; readonly options?: JsonObject }
  | { readonly report: Report }
  | { readonly advance: number };

/** A script, with the plurals of the kinds that it is about. */
export interface Scenario {
  readonly name: string;
  readonly kinds: readonly (keyof typeof groups)[];
  readonly steps: readonly Step[];
  /** Whether it leaves the scheduler no choice, so that nodes are told. */
  readonly tellsNodes?: boolean;
}

/** What changed with a step: the objects of each `plural/name`, several where names are generated; and at last the events. */
export interface Told {
  readonly steps: readonly JsonObject[];
  readonly events: readonly string[];
}

/** API paths by plural. */
const groups = {
  configmaps: 'api/v1',
  controllerrevisions: 'apis/apps/v1',
  cronjobs: 'apis/batch/v1',
  daemonsets: 'apis/apps/v1',
  deployments: 'apis/apps/v1',
  endpoints: 'api/v1',
  endpointslices: 'apis/discovery.k8s.io/v1',
  events: 'api/v1',
  jobs: 'apis/batch/v1',
  limitranges: 'api/v1',
  namespaces: 'api/v1',
  persistentvolumeclaims: 'api/v1',
  poddisruptionbudgets: 'apis/policy/v1',
  pods: 'api/v1',
  replicasets: 'apis/apps/v1',
  replicationcontrollers: 'api/v1',
  resourcequotas: 'api/v1',
  secrets: 'api/v1',
  serviceaccounts: 'api/v1',
  services: 'api/v1',
  statefulsets: 'apis/apps/v1',
} as const;

type Plural = keyof typeof groups;

/** Runs a script in a namespace of its own, which is left as it is at the end. */
export async function runScenario(door: Door, scenario: Scenario): Promise<Told> {
  const namespace = `script-${scenario.name}`;
  const neutral = createNeutralizer(namespace, scenario.tellsNodes === true);
  const path = (plural: Plural, rest = '') => `/${groups[plural]}/namespaces/${namespace}/${plural}${rest}`;
  // What every namespace has says nothing.
  const list = async (plural: Plural) =>
    itemsOf(await door.send('GET', path(plural))).filter((item) => nameOf(item) !== 'kube-root-ca.crt');
  const namespaceObject = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } };
  await door.send('POST', '/api/v1/namespaces', namespaceObject);
  const look = async () =>
    JSON.stringify(await Promise.all([...scenario.kinds, 'events' as const].map(list)));
  await door.rest(look);
  let known = new Map<string, readonly string[]>();
  const steps: JsonObject[] = [];
  let addresses = 0;

  for (const step of scenario.steps) {
    await take(step);
    await door.rest(look);
    const now = new Map<string, readonly string[]>();
    const listed: [Plural, readonly JsonObject[]][] = [];
    for (const plural of scenario.kinds) listed.push([plural, await list(plural)]);
    for (const [, items] of listed) neutral.learn(items);
    for (const [plural, items] of listed) {
      for (const item of items) {
        const key = `${plural}/${neutral.text(nameOf(item))}`;
        now.set(key, [...(now.get(key) ?? []), JSON.stringify(sortKeys(neutral.object(item)))].sort());
      }
    }
    steps.push(difference(known, now));
    known = now;
  }
  return { steps, events: eventsOf(await list('events'), neutral) };

  async function take(step: Step): Promise<void> {
    if ('advance' in step) await door.advance(step.advance);
    else if ('report' in step) await report(step.report);
    else if ('create' in step) {
      const plural = pluralOf(String(step.create.kind));
      await door.send('POST', path(plural), step.create);
    } else if ('patch' in step) {
      const { plural, name } = splitPath(step.patch);
      const rest = `/${name}${step.subresource === undefined ? '' : `/${step.subresource}`}`;
      await door.send('PATCH', path(plural, rest), step.with, 'application/merge-patch+json');
    } else {
      const { plural, name } = splitPath(step.delete);
      await door.send('DELETE', path(plural, `/${name}`), step.options);
    }
  }

  async function report({ select, count = Number.POSITIVE_INFINITY, becomes, exitCode = 1 }: Report) {
    const all = await list('pods');
    neutral.learn(all);
    const fitting = all
      .filter((pod) => select === undefined || hasLabel(pod, select))
      .filter((pod) => concerns(pod, becomes))
      .sort(
        (a, b) => neutral.order(nameOf(a)) - neutral.order(nameOf(b)) || compareKeys(nameOf(a), nameOf(b)),
      )
      .slice(0, count);
    for (const pod of fitting) {
      if (becomes === 'gone') {
        await door.send('DELETE', path('pods', `/${nameOf(pod)}`), { gracePeriodSeconds: 0 });
        continue;
      }
      addresses += 1;
      const status = podStatus(pod, { becomes, exitCode, address: `10.244.9.${addresses}`, now: door.now() });
      const rest = `/${nameOf(pod)}/status`;
      await door.send('PATCH', path('pods', rest), { status }, 'application/strategic-merge-patch+json');
    }
  }
}

function concerns(pod: JsonObject, becomes: Report['becomes']): boolean {
  const status = at(pod, 'status');
  const isReady = (Array.isArray(status.conditions) ? status.conditions : []).some(
    (condition) => isJsonObject(condition) && condition.type === 'Ready' && condition.status === 'True',
  );
  const isOver = status.phase === 'Succeeded' || status.phase === 'Failed';
  const isLeaving = at(pod, 'metadata').deletionTimestamp !== undefined;
  if (becomes === 'gone') return isLeaving;
  if (isOver || isLeaving) return false;
  if (becomes === 'ready') return !isReady;
  return becomes === 'unready' ? isReady : true;
}

interface ReportFacts {
  readonly becomes: 'ready' | 'unready' | 'succeeded' | 'failed';
  readonly exitCode: number;
  readonly address: string;
  readonly now: string;
}

/** A status as a kubelet writes it, as far as controllers look at it. */
function podStatus(pod: JsonObject, { becomes, exitCode, address, now }: ReportFacts): JsonObject {
  const isOver = becomes === 'succeeded' || becomes === 'failed';
  const ready = becomes === 'ready' ? 'True' : 'False';
  const before = at(pod, 'status');
  const ip = typeof before.podIP === 'string' ? before.podIP : address;
  const containers = at(pod, 'spec').containers;
  const state = isOver
    ? {
        terminated: {
          exitCode: becomes === 'succeeded' ? 0 : exitCode,
          reason: becomes === 'succeeded' ? 'Completed' : 'Error',
          startedAt: now,
          finishedAt: now,
        },
      }
    : { running: { startedAt: now } };
  const condition = (type: string, status: string) => ({ type, status, lastTransitionTime: now });
  return {
    phase: becomes === 'succeeded' ? 'Succeeded' : becomes === 'failed' ? 'Failed' : 'Running',
    startTime: typeof before.startTime === 'string' ? before.startTime : now,
    podIP: ip,
    podIPs: [{ ip }],
    conditions: [
      condition('Initialized', 'True'),
      condition('Ready', ready),
      condition('ContainersReady', ready),
    ],
    containerStatuses: (Array.isArray(containers) ? containers : [])
      .filter(isJsonObject)
      .map(({ name = '', image = '' }) => ({
        name,
        image,
        imageID: '',
        ready: ready === 'True',
        restartCount: 0,
        started: !isOver,
        state,
      })),
  };
}

function difference(
  before: ReadonlyMap<string, readonly string[]>,
  after: ReadonlyMap<string, readonly string[]>,
): JsonObject {
  const changed: [string, JsonValue][] = [];
  for (const [key, texts] of after) {
    if (before.get(key)?.join() !== texts.join()) changed.push([key, texts.map((text) => JSON.parse(text))]);
  }
  for (const key of before.keys()) if (!after.has(key)) changed.push([key, []]);
  return Object.fromEntries(changed.sort(([a], [b]) => compareKeys(a, b)));
}

/** How often something is tried again depends on the clock. */
const retried: readonly string[] = ['NoPods', 'ProvisioningFailed', 'UnmanagedPods'];

/** `source: type reason object (count) message`, sorted: parts of a control plane do not wait for each other. */
function eventsOf(events: readonly JsonObject[], neutral: Neutralizer): readonly string[] {
  return events
    .map((event) => {
      const { kind, name, fieldPath } = at(event, 'involvedObject');
      const source = event.reportingComponent || at(event, 'source').component;
      const about = `${kind}/${name}${fieldPath === undefined ? '' : ` ${fieldPath}`}`;
      const isCounted =
        !retried.includes(String(event.reason)) && !String(event.message).startsWith('(combined');
      const count = event.count === undefined || !isCounted ? '' : ` (x${event.count})`;
      return neutral.text(`${source}: ${event.type} ${event.reason} ${about}${count} ${event.message}`);
    })
    .sort();
}

function itemsOf(listed: JsonObject): readonly JsonObject[] {
  return (Array.isArray(listed.items) ? listed.items : []).filter(isJsonObject);
}

function at(object: JsonObject, key: string): JsonObject {
  const value = object[key];
  return isJsonObject(value) ? value : {};
}

function nameOf(object: JsonObject): string {
  return String(at(object, 'metadata').name);
}

function hasLabel(object: JsonObject, pair: string): boolean {
  const [key = '', value = ''] = pair.split('=');
  return at(at(object, 'metadata'), 'labels')[key] === value;
}

function pluralOf(kind: string): Plural {
  const lower = kind.toLowerCase();
  const found = isPlural(lower) ? lower : `${lower}s`;
  if (!isPlural(found)) throw new Error(`a script makes no ${kind}`);
  return found;
}

function splitPath(path: string): { readonly plural: Plural; readonly name: string } {
  const [plural = '', name = ''] = path.split('/');
  if (!isPlural(plural)) throw new Error(`a script knows no ${plural}`);
  return { plural, name };
}

function isPlural(text: string): text is Plural {
  return Object.hasOwn(groups, text);
}
