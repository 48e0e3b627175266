/**
 * Holds what is created in a namespace to its ResourceQuotas, and books what is used. Source:
 * k8s.io/apiserver/pkg/admission/plugin/resourcequota.
 *
 * A quota that the controller has not counted yet holds nobody from outside, as on a real cluster; for requests from inside
 * the process it is counted here.
 */

import {
  type Quantities,
  quantitiesAt,
  sumQuantities,
  toResourceList,
} from '../../../api/objects/quantities.ts';
import {
  type CountedKind,
  isInScope,
  missingAmounts,
  usableResources,
  usageOf,
  usedOf,
} from '../../../api/objects/quota-usage.ts';
import {
  compareQuantities,
  formatQuantity,
  type Quantity,
  subtractQuantities,
} from '../../../api/quantity.ts';
import type { JsonObject } from '../../../base/json.ts';
import { err, invariant, ok } from '../../../base/result.ts';
import { type StoredObject, type StoreWrite, storeKey } from '../../store/store.ts';
import { trackUpdate } from '../managed-fields/track-update.ts';
import { nameOf, objectAt, toStoredObject } from '../object-access.ts';
import { forbidden, type Outcome } from '../refusals.ts';
import { type Call, keyOf } from '../server-context.ts';

/** A quota with what would be used of it. */
interface Charge {
  readonly before: StoredObject;
  readonly write: StoreWrite;
}

/** Refuses an object that is one too many, else books it. */
export function chargeCreate(call: Call, object: JsonObject): Outcome<true> {
  // What exists already is booked already, and is refused later where the quota has room for one more.
  const exists = call.server.store.get(keyOf(call, nameOf(object))) !== undefined;
  return charge(call, object, { before: undefined, isBooked: !exists });
}

/** Refuses a change by which a Service or claim uses too much, else books it. */
export function chargeUpdate(call: Call, object: JsonObject, before: StoredObject): Outcome<true> {
  const canGrow = call.kind.plural === 'services' || call.kind.plural === 'persistentvolumeclaims';
  if (call.subresource !== '' || call.kind.group !== '' || !canGrow) return ok(true);
  return charge(call, object, { before, isBooked: true });
}

interface Charging {
  readonly before: StoredObject | undefined;
  readonly isBooked: boolean;
}

function charge(call: Call, object: JsonObject, { before, isBooked }: Charging): Outcome<true> {
  if (!call.kind.namespaced) return ok(true);
  const charges: Charge[] = [];
  for (const [key, quota] of call.server.store.list(storeKey('', 'resourcequotas', call.namespace, ''))) {
    const charged = chargeQuota(call, { key, object: quota }, object, before);
    if (!charged.ok) return charged;
    if (charged.value !== undefined) charges.push({ before: quota, write: { key, object: charged.value } });
  }
  if (call.isDryRun || !isBooked) return ok(true);
  for (const { write, before: quota } of charges) {
    const tracked = trackUpdate(bookingCall(call), write.object, quota);
    call.server.store.update({ key: write.key, object: toStoredObject(tracked) }, quota);
  }
  return ok(true);
}

/** What is booked is written by the server itself, to the quota's status. */
function bookingCall(call: Call): Call {
  const kind = call.server.scheme.byResource('', 'v1', 'resourcequotas');
  invariant(kind !== undefined, 'ResourceQuota is not served');
  return { ...call, kind, fieldManager: 'kube-apiserver', subresource: 'status' };
}

/** The quota with the object booked; undefined when it has nothing to do with it. */
function chargeQuota(
  call: Call,
  { object: stored }: StoreWrite,
  object: JsonObject,
  before: StoredObject | undefined,
): Outcome<StoredObject | undefined> {
  const kind = { group: call.kind.storage?.group ?? call.kind.group, plural: call.kind.plural };
  const limits = (quota: StoredObject, part: 'spec' | 'status') =>
    usableResources(kind, Object.keys(objectAt(quota, part, 'hard')));
  if (!isInScope(kind, object, stored)) return ok(undefined);
  const isBehind = call.request.isFromOutside !== true && limits(stored, 'spec').length > 0;
  const quota = isBehind ? counted(call, stored) : stored;
  const usable = limits(quota, 'status');
  if (usable.length === 0) return ok(undefined);
  const hard = quantitiesAt(objectAt(quota, 'status'), 'hard');
  const refuse = (why: string) => err(forbidden(call.kind, nameOf(object), why));
  if (kind.group === '' && kind.plural === 'pods') {
    const missing = missingAmounts(objectAt(object, 'spec'), usable);
    if (missing !== '') return refuse(`failed quota: ${quota.metadata.name}: must specify ${missing}`);
  }
  const used = quantitiesAt(objectAt(quota, 'status'), 'used');
  if (usable.some((name) => !used.has(name))) {
    return refuse(
      `status unknown for quota: ${quota.metadata.name}, resources: ${usable.toSorted().join(',')}`,
    );
  }
  const requested = only(requestOf(kind, object, before, quota, call.server.queue.now()), hard);
  if (requested.size === 0) return ok(undefined);
  const total = sumQuantities(used, requested);
  const exceeded = [...requested.keys()].sort().filter((name) => {
    const [limit, wanted] = [hard.get(name), total.get(name)];
    return limit !== undefined && wanted !== undefined && compareQuantities(wanted, limit) > 0;
  });
  if (exceeded.length > 0) {
    const list = (amounts: Quantities) => formatAmounts(amounts, exceeded);
    const sums = `requested: ${list(requested)}, used: ${list(used)}, limited: ${list(hard)}`;
    return refuse(`exceeded quota: ${quota.metadata.name}, ${sums}`);
  }
  return ok({ ...quota, status: { hard: toResourceList(hard), used: toResourceList(total) } });
}

/** A change is charged with what it adds, unless the quota did not count the object before. */
function requestOf(
  kind: CountedKind,
  object: JsonObject,
  before: StoredObject | undefined,
  quota: StoredObject,
  nowMs: number,
): Quantities {
  const usage = usageOf(kind, object, nowMs);
  const was =
    before !== undefined && isInScope(kind, before, quota)
      ? usageOf(kind, before, nowMs)
      : new Map<string, Quantity>();
  const added = [...usage].flatMap(([name, amount]) => {
    const already = was.get(name);
    const more = already === undefined ? amount : subtractQuantities(amount, already);
    return more.nano > 0n ? [[name, more] as const] : [];
  });
  return new Map(added);
}

function only(amounts: Quantities, names: Quantities): Quantities {
  return new Map([...amounts].filter(([name]) => names.has(name)));
}

/** `pods=1,requests.cpu=500m` */
function formatAmounts(amounts: Quantities, names: readonly string[]): string {
  return names
    .flatMap((name) => {
      const amount = amounts.get(name);
      return amount === undefined ? [] : [`${name}=${formatQuantity(amount)}`];
    })
    .join(',');
}

/** The quota with a status that fits its spec. */
function counted(call: Call, quota: StoredObject): StoredObject {
  const { store, scheme, queue } = call.server;
  const hard = quantitiesAt(objectAt(quota, 'spec'), 'hard');
  const known = objectAt(quota, 'status', 'used');
  const isCounted =
    Object.keys(objectAt(quota, 'status', 'hard')).length === hard.size &&
    [...hard.keys()].every((name) => Object.hasOwn(known, name));
  if (isCounted) return quota;
  const kinds = scheme.kinds.filter((kind) => kind.namespaced && kind.storage === undefined);
  const objectsOf = ({ group, plural }: CountedKind) =>
    [...store.list(storeKey(group, plural, call.namespace, ''))].map(([, object]) => object);
  const used = usedOf(quota, kinds, objectsOf, queue.now());
  return { ...quota, status: { hard: toResourceList(hard), used: toResourceList(used) } };
}
