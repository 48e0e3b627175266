/**
 * GET of a collection: a consistent snapshot at one revision, in pages when a limit is given. Source:
 * k8s.io/apiserver/pkg/storage/etcd3/store.go (GetList) and storage/continue.go.
 */
import type { JsonObject } from '../../base/json.ts';
import { err, ok } from '../../base/result.ts';
import { collectionOf, type StoredObject, storeKey } from '../store/store.ts';
import { formatToken, type ListOptions, parseListOptions, refuseFuture } from './list-options.ts';
import { formatList, type OutputForm } from './output-form.ts';
import { expired, expiredContinue, type Outcome } from './refusals.ts';
import { parseSelection, type Selection } from './selection.ts';
import { type Call, queryValue } from './server-context.ts';

/** The prefix of the keys of a call's collection: of one namespace, or of all. */
export function collectionPrefix(call: Call): string {
  const { group, plural } = call.kind;
  return call.namespace === '' ? `${group}/${plural}/` : storeKey(group, plural, call.namespace, '');
}

/** Every object of the call's collection that its selectors take, in key order. */
export function selectedObjects(call: Call, selection: Selection): readonly StoredObject[] {
  const objects: StoredObject[] = [];
  for (const [, object] of call.server.store.list(collectionPrefix(call))) {
    if (selection(object)) objects.push(object);
  }
  return objects;
}

/** Answers a list request in the form that the client wants. */
export function listObjects(call: Call, form: OutputForm): Outcome<JsonObject> {
  const options = parseListOptions(call.request, 'list');
  if (!options.ok) return options;
  const selection = parseSelection(call.request, call.kind);
  if (!selection.ok) return selection;
  const page = readPage(call, selection.value, options.value);
  if (!page.ok) return page;
  const { objects, next } = page.value;
  const listMetadata: JsonObject = {
    resourceVersion: String(page.value.revision),
    ...(next === undefined ? {} : { continue: next.token }),
    ...(next?.remaining === undefined ? {} : { remainingItemCount: next.remaining }),
  };
  return ok(formatList(form, call.kind, { objects, listMetadata, nowMs: call.server.queue.now() }));
}

interface Page {
  readonly revision: number;
  readonly objects: readonly StoredObject[];
  readonly next?: { readonly token: string; readonly remaining?: number };
}

function readPage(call: Call, selection: Selection, options: ListOptions): Outcome<Page> {
  const { limit, token } = options;
  const prefix = collectionPrefix(call);
  const revision = pageRevision(call, options);
  if (!revision.ok) return revision;
  const after = token === undefined ? undefined : prefix + token.key;
  const entries = entriesAt(call, { prefix, after, revision: revision.value });
  if (entries === undefined) {
    if (token === undefined) return err(expired('The resourceVersion for the provided list is too old.'));
    return err(expiredContinue(formatToken({ revision: -1, key: token.key })));
  }
  const objects: StoredObject[] = [];
  let lastKey = '';
  let remaining = 0;
  for (const [key, object] of entries) {
    // A full page is not looked past: what comes after it may be selected or not.
    if (limit > 0 && objects.length >= limit) {
      remaining += 1;
      continue;
    }
    if (!selection(object)) continue;
    objects.push(object);
    lastKey = key;
  }
  if (remaining === 0) return ok({ revision: revision.value, objects });
  const next = formatToken({ revision: revision.value, key: lastKey.slice(prefix.length) });
  // Upstream counts what remains only where no selector makes the count unknown.
  const isSelective =
    (queryValue(call.request, 'labelSelector') ?? '') !== '' ||
    (queryValue(call.request, 'fieldSelector') ?? '') !== '';
  return ok({
    revision: revision.value,
    objects,
    next: isSelective ? { token: next } : { token: next, remaining },
  });
}

/** The revision that a list is to show. */
function pageRevision(call: Call, options: ListOptions): Outcome<number> {
  const current = call.server.store.revision();
  const { token, resourceVersion, match, limit } = options;
  if (token !== undefined) {
    if (token.revision <= 0) return ok(current);
    const known = refuseFuture(String(token.revision), current);
    return known.ok ? ok(token.revision) : known;
  }
  if (resourceVersion === '' || resourceVersion === '0') return ok(current);
  const known = refuseFuture(resourceVersion, current);
  if (!known.ok) return known;
  // Without a match, a limit asks for exactly this revision. Source: the API concepts page, "Semantics for list".
  const isExact = match === 'Exact' || (match === '' && limit > 0);
  return ok(isExact ? Number(resourceVersion) : current);
}

/** The collection's objects as they were at a revision, in key order; undefined when the history does not reach back. */
function entriesAt(
  call: Call,
  {
    prefix,
    after,
    revision,
  }: { readonly prefix: string; readonly after: string | undefined; readonly revision: number },
): Iterable<readonly [string, StoredObject]> | undefined {
  const { store } = call.server;
  const now = after === undefined ? store.list(prefix) : store.listAfter(prefix, after);
  if (revision === store.revision()) return now;
  const changes = store.changesSince(collectionOf(prefix), revision);
  if (!changes.ok) return undefined;
  if (changes.value.length === 0) return now;
  const then = new Map<string, StoredObject>(now);
  // What came last is undone first.
  for (const { key, before } of [...changes.value].reverse()) {
    if (!key.startsWith(prefix) || (after !== undefined && key <= after)) continue;
    if (before === undefined) then.delete(key);
    else then.set(key, before);
  }
  return [...then].sort(([a], [b]) => (a < b ? -1 : 1));
}
