/**
 * DELETE of an object: at once, after its grace period, or once nothing holds it any more. Source:
 * k8s.io/apiserver/pkg/registry/generic/registry/store.go (Delete), registry/rest/delete.go (BeforeDelete), and for
 * Namespaces pkg/registry/core/namespace/storage.
 */
import { cleanupFinalizer } from '../../api/custom/definition.ts';
import { invalid as invalidField } from '../../api/field-errors.ts';
import type { FieldError } from '../../api/scheme.ts';
import { isJsonObject, type JsonObject } from '../../base/json.ts';
import { err, ok } from '../../base/result.ts';
import type { StoredObject } from '../store/store.ts';
import { admitDelete } from './admission/admission-chain.ts';
import { dryRunProblem } from './call.ts';
import {
  numberAt,
  objectAt,
  objectsAt,
  stringAt,
  stringsAt,
  toStoredObject,
  withKeys,
  withMetadata,
} from './object-access.ts';
import { parseBodyText } from './parse-body.ts';
import {
  badRequest,
  conflict,
  invalid,
  modifiedConflict,
  type NamedGroup,
  notFound,
  type Outcome,
  qualified,
  success,
} from './refusals.ts';
import { type Call, keyOf, queryValue, storedObject, timestamp } from './server-context.ts';

/** What a delete answers: 200 with the object or a Status; 202 where the caller asked to wait for dependents. */
export interface DeleteAnswer {
  readonly code: number;
  readonly body: JsonObject;
}

/** Kinds whose delete answers with the object. Source: ReturnDeletedObject in pkg/registry. */
const answersWithObject = new Set([
  'namespaces',
  'persistentvolumeclaims',
  'persistentvolumes',
  'pods',
  'podtemplates',
  'resourcequotas',
  'serviceaccounts',
  'services',
  'storageclasses.storage.k8s.io',
  'csinodes.storage.k8s.io',
  'csidrivers.storage.k8s.io',
  'volumeattachments.storage.k8s.io',
]);

type Propagation = 'Orphan' | 'Background' | 'Foreground';

/** The parts of metav1.DeleteOptions that have a say. */
interface Deletion {
  readonly gracePeriodSeconds?: number;
  readonly propagation?: Propagation;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly orphanDependents?: boolean;
  readonly isDryRun: boolean;
}

/** Deletes the object that a call names, with the options in its body or query. */
export function deleteObject(call: Call): Outcome<DeleteAnswer> {
  const deletion = readDeleteOptions(call);
  if (!deletion.ok) return deletion;
  const existing = storedObject(call);
  if (existing === undefined) return err(notFound(call.kind, call.name));
  return deleteExisting(call, existing, deletion.value);
}

/** Deletes every object of a list, and answers with the list. Objects in other states of deletion are left as they are. */
export function deleteEach(call: Call, objects: readonly StoredObject[]): Outcome<true> {
  const deletion = readDeleteOptions(call);
  if (!deletion.ok) return deletion;
  for (const object of objects) {
    const namespace = object.metadata.namespace ?? '';
    const one: Call = { ...call, namespace, name: object.metadata.name };
    const outcome = deleteExisting(one, object, deletion.value);
    if (!outcome.ok && outcome.error.code !== 404) return outcome;
  }
  return ok(true);
}

function deleteExisting(call: Call, existing: StoredObject, deletion: Deletion): Outcome<DeleteAnswer> {
  const precondition = checkPreconditions(call, existing, deletion);
  if (!precondition.ok) return precondition;
  const admitted = admitDelete(call, existing);
  if (!admitted.ok) return admitted;
  if (isNamespaceCall(call)) {
    if (existing.metadata.deletionTimestamp === undefined) return markNamespace(call, existing, deletion);
    if (stringsAt(existing, 'spec', 'finalizers').length > 0) return ok({ code: 200, body: existing });
  }
  const isDefinition = call.kind.group === 'apiextensions.k8s.io';
  if (isDefinition && existing.metadata.deletionTimestamp === undefined) {
    return storeMarked(call, markDefinition(call, existing), { before: existing, deletion, code: 200 });
  }
  const graceSeconds = gracePeriodOf(call, existing, deletion);
  const isGraceful = graceSeconds !== undefined;
  if (existing.metadata.deletionTimestamp !== undefined && isGraceful) {
    const pending = existing.metadata.deletionGracePeriodSeconds ?? 0;
    if (pending > 0 && graceSeconds >= pending) return ok({ code: 200, body: existing });
  }
  const finalizers = finalizersFor(call, existing, deletion);
  const waits = finalizers.length > 0 || (isGraceful && graceSeconds > 0);
  if (!waits) return removeNow(call, existing, deletion);
  const marked = markDeleting(call, existing, { graceSeconds: graceSeconds ?? 0, finalizers });
  const isAccepted = deletion.orphanDependents === false;
  return storeMarked(call, marked, { before: existing, deletion, code: isAccepted ? 202 : 200 });
}

function isNamespaceCall({ kind }: Call): boolean {
  return kind.group === '' && kind.plural === 'namespaces';
}

function storeMarked(
  call: Call,
  marked: JsonObject,
  write: { readonly before: StoredObject; readonly deletion: Deletion; readonly code: number },
): Outcome<DeleteAnswer> {
  const object = toStoredObject(marked);
  if (isDry(call, write.deletion)) return ok({ code: write.code, body: object });
  const stored = call.server.store.update({ key: keyOf(call), object }, write.before);
  if (!stored.ok) return err(modifiedConflict(call.kind, call.name));
  return ok({ code: write.code, body: stored.value });
}

function removeNow(call: Call, existing: StoredObject, deletion: Deletion): Outcome<DeleteAnswer> {
  let last: StoredObject = existing;
  if (!isDry(call, deletion)) {
    const removed = call.server.store.delete(keyOf(call));
    if (!removed.ok) return err(notFound(call.kind, call.name));
    last = removed.value;
  }
  if (answersWithObject.has(qualified(call.kind.plural, call.kind.group))) {
    // A Pod is first marked with a grace period of 0, which shows in the answer alone.
    const isPod = call.kind.plural === 'pods';
    return ok({
      code: 200,
      body: isPod ? markDeleting(call, last, { graceSeconds: 0, finalizers: [] }) : last,
    });
  }
  const details = {
    name: call.name,
    ...(call.kind.group === '' ? {} : { group: call.kind.group }),
    kind: call.kind.plural,
    uid: existing.metadata.uid ?? '',
  };
  return ok(success(details));
}

function markDeleting(
  call: Call,
  existing: StoredObject,
  mark: { readonly graceSeconds: number; readonly finalizers: readonly string[] },
): JsonObject {
  const nowMs = call.server.queue.now();
  const before = existing.metadata.deletionTimestamp;
  // Shortening a grace period moves the end, counted from when the deletion began.
  const startMs =
    before === undefined
      ? nowMs
      : Date.parse(before) - (existing.metadata.deletionGracePeriodSeconds ?? 0) * 1000;
  const generation = existing.metadata.generation ?? 0;
  return withMetadata(existing, {
    deletionTimestamp: timestamp(startMs + mark.graceSeconds * 1000),
    deletionGracePeriodSeconds: mark.graceSeconds,
    finalizers: mark.finalizers.length === 0 ? undefined : mark.finalizers,
    generation: before === undefined && generation > 0 ? generation + 1 : existing.metadata.generation,
  });
}

function markNamespace(call: Call, existing: StoredObject, deletion: Deletion): Outcome<DeleteAnswer> {
  const finalizers = finalizersFor(call, existing, deletion);
  const marked = withMetadata(
    withKeys(existing, { status: withKeys(objectAt(existing, 'status'), { phase: 'Terminating' }) }),
    {
      deletionTimestamp: timestamp(call.server.queue.now()),
      ...(finalizers.length === 0 ? {} : { finalizers }),
    },
  );
  return storeMarked(call, marked, { before: existing, deletion, code: 200 });
}

/**
 * A definition stays until its objects are gone. Source: apiextensions-apiserver/pkg/registry/customresourcedefinition/
 * etcd.go (Delete).
 */
function markDefinition(call: Call, existing: StoredObject): JsonObject {
  const now = timestamp(call.server.queue.now());
  const finalizers = existing.metadata.finalizers ?? [];
  const marked = withMetadata(existing, {
    deletionTimestamp: now,
    finalizers: finalizers.includes(cleanupFinalizer) ? finalizers : [...finalizers, cleanupFinalizer],
  });
  const pending = {
    lastTransitionTime: now,
    message: 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon',
    reason: 'InstanceDeletionPending',
    status: 'True',
    type: 'Terminating',
  };
  const others = objectsAt(marked, 'status', 'conditions').filter(({ type }) => type !== 'Terminating');
  return { ...marked, status: { ...objectAt(marked, 'status'), conditions: [...others, pending] } };
}

/** The grace period of a graceful deletion; undefined for kinds that know none. Only Pods do. */
function gracePeriodOf(call: Call, existing: StoredObject, deletion: Deletion): number | undefined {
  if (call.kind.group !== '' || call.kind.plural !== 'pods') return undefined;
  const phase = stringAt(existing, 'status', 'phase');
  if (stringAt(existing, 'spec', 'nodeName') === '' || phase === 'Failed' || phase === 'Succeeded') return 0;
  const period =
    deletion.gracePeriodSeconds ??
    (existing.metadata.deletionTimestamp === undefined
      ? numberAt(existing, 'spec', 'terminationGracePeriodSeconds')
      : existing.metadata.deletionGracePeriodSeconds) ??
    0;
  return period < 0 ? 1 : period;
}

/** The finalizers after the propagation policy has put its own in or taken them out. */
function finalizersFor(call: Call, existing: StoredObject, deletion: Deletion): readonly string[] {
  const before = existing.metadata.finalizers ?? [];
  const isEvent = call.kind.plural === 'events';
  const others = before.filter((name) => name !== 'orphan' && name !== 'foregroundDeletion');
  if (isEvent) return others;
  const policy =
    deletion.propagation ??
    (before.includes('orphan')
      ? 'Orphan'
      : before.includes('foregroundDeletion')
        ? 'Foreground'
        : defaultPropagation(call));
  if (policy === 'Orphan') return [...others, 'orphan'];
  if (policy === 'Foreground') return [...others, 'foregroundDeletion'];
  return others;
}

function isDry(call: Call, deletion: Deletion): boolean {
  return call.isDryRun || deletion.isDryRun;
}

function checkPreconditions(call: Call, existing: StoredObject, deletion: Deletion): Outcome<true> {
  const { uid, resourceVersion } = deletion;
  const stored = existing.metadata;
  if (uid !== undefined && uid !== stored.uid) {
    if (isNamespaceCall(call)) {
      const found = `UID in precondition: ${uid}, UID in object meta: ${stored.uid ?? ''}`;
      return err(conflict(call.kind, call.name, `Precondition failed: ${found}`));
    }
    const why = `the UID in the precondition (${uid}) does not match the UID in record (${stored.uid ?? ''}). The object might have been deleted and then recreated`;
    return err(conflict(asNamedKind(call), call.name, why));
  }
  if (resourceVersion !== undefined && resourceVersion !== stored.resourceVersion) {
    if (isNamespaceCall(call)) {
      const found = `ResourceVersion in precondition: ${resourceVersion}, ResourceVersion in object meta: ${stored.resourceVersion ?? ''}`;
      return err(conflict(call.kind, call.name, `Precondition failed: ${found}`));
    }
    const why = `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${stored.resourceVersion ?? ''}). The object might have been modified`;
    return err(conflict(asNamedKind(call), call.name, why));
  }
  return ok(true);
}

/** Refusals of preconditions name the kind where all others name the plural. */
function asNamedKind({ kind }: Call): NamedGroup {
  return { group: kind.storage?.group ?? kind.group, kind: kind.kind, plural: kind.kind };
}

function readDeleteOptions(call: Call): Outcome<Deletion> {
  const body = call.request.body;
  let options: JsonObject = {};
  if (typeof body === 'string' && body !== '') {
    const parsed = parseBodyText(body, {
      mediaType: call.request.headers?.['content-type'] ?? '',
      limits: call.server.limits,
    });
    if (!parsed.ok) return err(badRequest(parsed.error));
    options = parsed.value.object;
  } else if (isJsonObject(body)) {
    options = body;
  }
  const refusal = checkOptions(call, options);
  if (refusal !== undefined) return refusal;
  const graceText = queryValue(call.request, 'gracePeriodSeconds');
  if (graceText !== undefined && !/^[+-]?[0-9]{1,18}$/.test(graceText)) {
    return err(badRequest(`strconv.ParseInt: parsing ${JSON.stringify(graceText)}: invalid syntax`));
  }
  const grace =
    numberAt(options, 'gracePeriodSeconds') ?? (graceText === undefined ? undefined : Number(graceText));
  const policy =
    stringAt(options, 'propagationPolicy') || (queryValue(call.request, 'propagationPolicy') ?? '');
  const orphan = options.orphanDependents;
  const given = parsePropagation(policy, orphan);
  const problem = policyProblem(policy, { given, orphan });
  if (problem !== undefined) return err(invalid('meta.k8s.io', 'DeleteOptions', '', [problem]));
  if (given === undefined) warnOfOrphans(call);
  const propagation = given;
  const uid = stringAt(options, 'preconditions', 'uid');
  const resourceVersion = stringAt(options, 'preconditions', 'resourceVersion');
  return ok({
    isDryRun: stringsAt(options, 'dryRun').includes('All'),
    ...(grace === undefined ? {} : { gracePeriodSeconds: grace }),
    ...(propagation === undefined ? {} : { propagation }),
    ...(typeof orphan === 'boolean' ? { orphanDependents: orphan } : {}),
    ...(uid === '' ? {} : { uid }),
    ...(resourceVersion === '' ? {} : { resourceVersion }),
  });
}

/** Refuses a body that is something else than options, and a dry run that there is none of. */
function checkOptions({ kind }: Call, options: JsonObject): Outcome<Deletion> | undefined {
  const found = stringAt(options, 'kind');
  const version = stringAt(options, 'apiVersion').split('/').at(-1) ?? '';
  if (found !== '' && found !== 'DeleteOptions') {
    const scheme =
      kind.custom === undefined ? 'pkg/api/legacyscheme/scheme.go:30' : 'pkg/apiserver/apiserver.go:54';
    return err(
      badRequest(
        `no kind ${JSON.stringify(found)} is registered for version ${JSON.stringify(version)} in scheme ${JSON.stringify(scheme)}`,
      ),
    );
  }
  const problem = dryRunProblem(stringsAt(options, 'dryRun'));
  return problem === undefined ? undefined : err(invalid('meta.k8s.io', 'DeleteOptions', '', [problem]));
}

function policyProblem(
  policy: string,
  { given, orphan }: { readonly given: Propagation | undefined; readonly orphan: unknown },
): FieldError | undefined {
  const field = 'propagationPolicy';
  if (policy !== '' && given === undefined) {
    // Upstream's list, in its order.
    const message = `Unsupported value: ${JSON.stringify(policy)}: supported values: "Foreground", "Background", "Orphan", "nil"`;
    return { type: 'FieldValueNotSupported', field, message };
  }
  if (policy === '' || typeof orphan !== 'boolean') return undefined;
  return invalidField(field, policy, 'orphanDependents and deletionPropagation cannot be both set');
}

/**
 * What becomes of the dependents when a delete does not say: they go in the background, but for two kinds that are older than
 * the garbage collector. Source: DefaultGarbageCollectionPolicy of each kind's strategy.go.
 */
function defaultPropagation({ kind }: Call): Propagation {
  const isOld = (kind.plural === 'replicationcontrollers' && kind.group === '') || isJob(kind);
  return isOld ? 'Orphan' : 'Background';
}

function isJob({ plural, group }: NamedGroup): boolean {
  return plural === 'jobs' && group === 'batch';
}

function warnOfOrphans({ kind, warnings }: Call): void {
  if (!isJob(kind)) return;
  warnings.push(
    'child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning',
  );
}

function parsePropagation(policy: string, orphan: unknown): Propagation | undefined {
  if (policy === 'Orphan' || policy === 'Background' || policy === 'Foreground') return policy;
  if (policy === '' && typeof orphan === 'boolean') return orphan ? 'Orphan' : 'Background';
  return undefined;
}
