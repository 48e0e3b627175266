/**
 * Creations that are carried out when somebody looks: Events, of which every Pod brings five and most are read by nobody.
 * Whoever reads them finds what they would have been at their time, to the byte: revision and random numbers are taken at
 * once, time and content are kept.
 *
 * It stands for nothing of kube-apiserver's, and a client can't tell the difference.
 */
import type { ApiRequest } from '../../api/request.ts';
import { EventQueue, eventQueueState } from '../../base/event-queue.ts';
import { deepFreeze, isJsonObject } from '../../base/json.ts';
import { Random } from '../../base/random.ts';
import { type LateCreation, type Store, type StoredObject, storeKey } from '../store/store.ts';
import { parseCall } from './call.ts';
import { createFromBody } from './create.ts';
import { nameOf } from './object-access.ts';
import { parseTarget } from './request-target.ts';
import type { ServerContext } from './server-context.ts';

const events = '/events/';

/** What decides whether an Event may be created: before one of these changes, what is promised is carried out. */
const decisive = ['/namespaces/', '/resourcequotas/', '/limitranges/'];

/**
 * Takes on the creation of an Event, if nothing can refuse it and nobody watches for it; false when it has to be sent as any
 * other request.
 */
export function createLater(server: ServerContext, store: Store, request: ApiRequest): boolean {
  const { body } = request;
  const target = parseTarget(request.path, server.scheme);
  if (target.type !== 'resource' || request.method !== 'POST' || !isJsonObject(body)) return false;
  const { kind, namespace } = target;
  if (kind.group !== '' || kind.plural !== 'events' || store.isHeard(events)) return false;
  const home = store.get(storeKey('', 'namespaces', '', namespace));
  if (home === undefined || home.metadata.deletionTimestamp !== undefined) return false;
  for (const _quota of store.list(`/resourcequotas/${namespace}/`)) return false;
  const creation: LateCreation = { request, nowMs: server.queue.now(), random: server.random.skipUuid() };
  store.promise({
    key: storeKey('', 'events', namespace, nameOf(body)),
    collection: events,
    decisive,
    creation: deepFreeze(creation),
  });
  return true;
}

/** The object of a creation that was taken on, as it would have been made then; undefined where it was refused. */
export function carryOut(server: ServerContext, creation: LateCreation): StoredObject | undefined {
  const { request, nowMs, random } = creation;
  const target = parseTarget(request.path, server.scheme);
  if (target.type !== 'resource') return undefined;
  const then = {
    ...server,
    queue: new EventQueue(eventQueueState(nowMs), server.limits),
    random: new Random({ ...random }),
  };
  const call = parseCall(then, request, target);
  if (!call.ok) return undefined;
  // The store is what asks, and stores it.
  const created = createFromBody({ ...call.value, isDryRun: true });
  return created.ok ? created.value : undefined;
}
