/**
 * GET of a collection: a consistent snapshot at one revision, in pages when a limit is given. Source:
 * k8s.io/apiserver/pkg/storage/etcd3/store.go (GetList) and storage/continue.go.
 */
import type { JsonObject } from '../../base/json.ts';
import { err, ok } from '../../base/result.ts';
import { type StoredObject, storeKey } from '../store/store.ts';
import { formatList, type OutputForm } from './output-form.ts';
import { badRequest, type Outcome } from './refusals.ts';
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
  const selection = parseSelection(call.request, call.kind);
  if (!selection.ok) return selection;
  const limit = Number(queryValue(call.request, 'limit') ?? '0');
  if (!Number.isInteger(limit) || limit < 0) {
    return err(
      badRequest(
        `strconv.ParseInt: parsing ${JSON.stringify(queryValue(call.request, 'limit'))}: invalid syntax`,
      ),
    );
  }
  const page = readPage(call, selection.value, limit);
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

function readPage(call: Call, selection: Selection, limit: number): Outcome<Page> {
  const { store } = call.server;
  const prefix = collectionPrefix(call);
  const token = queryValue(call.request, 'continue') ?? '';
  const start = token === '' ? undefined : parseToken(token);
  if (token !== '' && start === undefined)
    return err(badRequest('continue key is not valid: illegal base64 data'));
  const entries = start === undefined ? store.list(prefix) : store.listAfter(prefix, prefix + start.key);
  const revision = start?.revision ?? store.revision();
  const objects: StoredObject[] = [];
  let lastKey = '';
  let remaining = 0;
  for (const [key, object] of entries) {
    if (!selection(object)) continue;
    if (limit > 0 && objects.length >= limit) {
      remaining += 1;
      continue;
    }
    objects.push(object);
    lastKey = key;
  }
  if (remaining === 0) return ok({ revision, objects });
  const next = formatToken({ revision, key: lastKey.slice(prefix.length) });
  // Upstream counts what remains only where no selector makes the count unknown.
  const isSelective =
    (queryValue(call.request, 'labelSelector') ?? '') !== '' ||
    (queryValue(call.request, 'fieldSelector') ?? '') !== '';
  return ok({ revision, objects, next: isSelective ? { token: next } : { token: next, remaining } });
}

interface ContinueToken {
  readonly revision: number;
  readonly key: string;
}

/** Differs: a page shows the objects as they are now, not as they were at the first page's revision. */
function formatToken(token: ContinueToken): string {
  const json = JSON.stringify({ v: 'meta.k8s.io/v1', rv: token.revision, start: `${token.key}\u0000` });
  return Buffer.from(json, 'utf8').toString('base64url');
}

function parseToken(text: string): ContinueToken | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    if (typeof value !== 'object' || value === null) return undefined;
    const revision = 'rv' in value ? value.rv : undefined;
    const start = 'start' in value ? value.start : undefined;
    if (typeof revision !== 'number' || typeof start !== 'string') return undefined;
    return { revision, key: start.endsWith('\u0000') ? start.slice(0, -1) : start };
  } catch {
    return undefined;
  }
}
