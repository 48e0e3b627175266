/**
 * Writes Events about objects. Source: client-go/tools/record (event.go, events_cache.go): the same event again only counts
 * up, many that differ in their message alone are joined into one, and a source that talks too much about one object is
 * not heard.
 */
import type { ApiRequest, Transport, UserInfo } from '../api/request.ts';
import { events } from '../api/types/resources.ts';
import type { KubeObject } from '../api/types/wire.ts';
import type { EventQueue } from '../base/event-queue.ts';
import { deepFreeze, type JsonObject } from '../base/json.ts';
import type { EventRecorder } from './client.ts';
import { pathOf } from './create-client.ts';

/** What recorders remember of the events they wrote. What the maps hold is frozen, so that forks share it. */
export interface EventRecorderState {
  readonly written: Map<string, WrittenEvent>;
  /** Different messages of one reason about one object. */
  readonly similar: Map<string, SimilarEvents>;
  readonly budgets: Map<string, Budget>;
  /** Of the newer form. */
  readonly series: Map<string, { readonly name: string; readonly lastMs: number; readonly count: number }>;
  /** Tells apart the names of events of one millisecond. */
  nextNanosecond: number;
}

interface WrittenEvent {
  readonly name: string;
  readonly firstTimestamp: string;
  readonly count: number;
}

interface SimilarEvents {
  readonly messages: readonly string[];
  readonly lastMs: number;
}

interface Budget {
  readonly tokens: number;
  readonly atMs: number;
}

/** The state before any event. */
export function eventRecorderState(): EventRecorderState {
  return { written: new Map(), similar: new Map(), budgets: new Map(), series: new Map(), nextNanosecond: 0 };
}

/** Events that vary by message alone are joined from the tenth on, counted over ten minutes. */
const maxSimilarEvents = 10;
const similarIntervalMs = 600_000;
/** A source may send 25 events about an object, and then one every five minutes. */
const burst = 25;
const refillMs = 300_000;

/** Who writes the events, and how. */
export interface EventRecorderDeps {
  readonly transport: Transport;
  readonly queue: EventQueue;
  readonly user: UserInfo;
  readonly component: string;
  /** The node, for components that run on one. */
  readonly host?: string;
}

/** Makes the recorder of one component. Events that the server refuses are lost, as upstream's are. */
export function createEventRecorder(deps: EventRecorderDeps, state: EventRecorderState): EventRecorder {
  return {
    event(about, type, reason, message, fieldPath) {
      const source = { component: deps.component, ...(deps.host === undefined ? {} : { host: deps.host }) };
      const involvedObject = referenceTo(about, fieldPath);
      const { kind, apiVersion, metadata } = about;
      const subject = [kind, metadata.namespace ?? '', metadata.name, metadata.uid ?? '', apiVersion];
      const parts = [deps.component, deps.host ?? '', ...subject, type];
      const nowMs = deps.queue.now();
      if (!spendToken(state, keyOf(parts), nowMs)) return;
      const joined = joinSimilar(state, keyOf([...parts, reason]), message, nowMs);
      const key = joined.isJoined
        ? keyOf([...parts, reason])
        : keyOf([...parts, fieldPath ?? '', reason, message]);
      write(deps, state, {
        key,
        fields: { involvedObject, reason, message: joined.message, type, source },
        about,
      });
    },
  };
}

interface PendingEvent {
  readonly key: string;
  readonly about: KubeObject;
  readonly fields: JsonObject;
}

function write(deps: EventRecorderDeps, state: EventRecorderState, event: PendingEvent): void {
  const namespace = event.about.metadata.namespace ?? 'default';
  const now = `${new Date(deps.queue.now()).toISOString().slice(0, 19)}Z`;
  const before = state.written.get(event.key);
  if (before !== undefined) {
    const count = before.count + 1;
    const answer = deps.transport.send({
      method: 'PATCH',
      path: pathOf(events, namespace, before.name),
      headers: { 'content-type': 'application/strategic-merge-patch+json', ...agentOf(deps) },
      body: { count, lastTimestamp: now, message: event.fields.message ?? '' },
      user: deps.user,
    });
    if (answer.type === 'object' && answer.code === 200) {
      state.written.set(event.key, Object.freeze({ ...before, count }));
      return;
    }
  }
  const name = `${event.about.metadata.name}.${nextNanosecond(deps, state).toString(16)}`;
  const firstTimestamp = before?.firstTimestamp ?? now;
  const count = (before?.count ?? 0) + 1;
  const request: ApiRequest = {
    method: 'POST',
    path: pathOf(events, namespace),
    headers: agentOf(deps),
    body: {
      kind: 'Event',
      apiVersion: 'v1',
      metadata: { name, namespace },
      ...event.fields,
      firstTimestamp,
      lastTimestamp: now,
      count,
      reportingComponent: deps.component,
      reportingInstance: deps.host ?? '',
    },
    user: deps.user,
  };
  if (isAccepted(deps.transport, request)) {
    state.written.set(event.key, Object.freeze({ name, firstTimestamp, count }));
  }
}

function isAccepted(transport: Transport, request: ApiRequest): boolean {
  if (transport.sendLater?.(request)) return true;
  const answer = transport.send(request);
  return answer.type === 'object' && answer.code === 201;
}

function keyOf(parts: readonly string[]): string {
  return parts.join('\u0000');
}

function agentOf(deps: EventRecorderDeps): Record<string, string> {
  return { 'user-agent': `${deps.component}/v1` };
}

/** A time that no other event has. */
export function nextNanosecond(deps: EventRecorderDeps, state: EventRecorderState): bigint {
  state.nextNanosecond = (state.nextNanosecond + 1) % 1_000_000;
  return BigInt(Math.floor(deps.queue.now())) * 1_000_000n + BigInt(state.nextNanosecond);
}

/** An ObjectReference to an object as it stands. */
export function referenceTo(about: KubeObject, fieldPath: string | undefined): JsonObject {
  const { name, namespace, uid, resourceVersion } = about.metadata;
  return {
    kind: about.kind,
    ...(namespace === undefined ? {} : { namespace }),
    name,
    ...(uid === undefined ? {} : { uid }),
    apiVersion: about.apiVersion,
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
    ...(fieldPath === undefined ? {} : { fieldPath }),
  };
}

function spendToken(state: EventRecorderState, key: string, nowMs: number): boolean {
  const before = state.budgets.get(key) ?? { tokens: burst, atMs: nowMs };
  const tokens = Math.min(burst, before.tokens + (nowMs - before.atMs) / refillMs);
  if (tokens < 1) {
    state.budgets.set(key, Object.freeze({ tokens, atMs: nowMs }));
    return false;
  }
  state.budgets.set(key, Object.freeze({ tokens: tokens - 1, atMs: nowMs }));
  return true;
}

function joinSimilar(
  state: EventRecorderState,
  key: string,
  message: string,
  nowMs: number,
): { readonly isJoined: boolean; readonly message: string } {
  const known = state.similar.get(key);
  const recent = known === undefined || nowMs - known.lastMs > similarIntervalMs ? [] : known.messages;
  const messages = recent.includes(message) ? recent : [...recent, message];
  if (messages.length < maxSimilarEvents) {
    state.similar.set(key, deepFreeze({ messages, lastMs: nowMs }));
    return { isJoined: false, message };
  }
  state.similar.set(key, deepFreeze({ messages: messages.slice(1), lastMs: nowMs }));
  return { isJoined: true, message: `(combined from similar events): ${message}` };
}
