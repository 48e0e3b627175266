/**
 * GET with `watch`: what happens to a collection from a revision on. Source: k8s.io/apiserver/pkg/storage/cacher and the
 * API concepts page on efficient detection of changes.
 *
 * Bookmarks by time are the HTTP face's to ask for; one bookmark ends the initial events by itself.
 */
import type { Collection, Watch, WatchEvent, WatchResponse } from '../../api/request.ts';
import type { JsonObject } from '../../base/json.ts';
import { err, ok } from '../../base/result.ts';
import { collectionOf, type StoreChange, type StoredObject } from '../store/store.ts';
import { collectionPrefix, selectedObjects } from './list.ts';
import { type ListOptions, parseListOptions, refuseFuture } from './list-options.ts';
import { withKeys } from './object-access.ts';
import { formatObject, type OutputForm } from './output-form.ts';
import { expired, type Outcome } from './refusals.ts';
import { parseSelection, type Selection } from './selection.ts';
import type { Call, ServerContext } from './server-context.ts';

/** Opens a watch on a call's collection. */
export function watchObjects(call: Call, form: OutputForm): Outcome<WatchResponse> {
  const options = parseListOptions(call.request, 'watch');
  if (!options.ok) return options;
  const selection = parseSelection(call.request, call.kind);
  if (!selection.ok) return selection;
  const initial = initialEvents(call, selection.value, options.value);
  const watch = initial.ok
    ? openWatch(call, {
        form,
        selection: selection.value,
        initial: initial.value,
        afterRevision: Number(options.value.resourceVersion),
      })
    : endedWatch(initial.error);
  return ok({ type: 'watch', code: 200, warnings: call.warnings, watch });
}

/** See Transport.follow: the watch of whoever wants every object of a kind whole. */
export function followCollection(
  { scheme, store }: ServerContext,
  { group, version, plural }: Collection,
  follower: { readonly afterRevision: string; readonly listener: (event: WatchEvent) => void },
): boolean {
  const kind = scheme.byResource(group, version, plural);
  if (kind === undefined || kind.storage !== undefined) return false;
  const collection = `${group}/${plural}/`;
  const missed = store.changesSince(collection, Number(follower.afterRevision));
  if (!missed.ok) return false;
  const tell = ({ before, after }: StoreChange): void => {
    if (after !== undefined) {
      follower.listener({ type: before === undefined ? 'ADDED' : 'MODIFIED', object: after });
    } else if (before !== undefined) follower.listener({ type: 'DELETED', object: before });
  };
  for (const change of missed.value) tell(change);
  store.listen(collection, tell);
  return true;
}

/** The plain events that a watch begins with, before they are put into the client's form. */
type PlainEvent =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: StoredObject }
  | { readonly type: 'BOOKMARK'; readonly object: JsonObject };

function initialEvents(
  call: Call,
  selection: Selection,
  { resourceVersion, sendsInitialEvents, allowsBookmarks }: ListOptions,
): Outcome<readonly PlainEvent[]> {
  const { store } = call.server;
  if (sendsInitialEvents) {
    const known = refuseFuture(resourceVersion, store.revision());
    if (!known.ok) return known;
    const added = selectedObjects(call, selection).map((object): PlainEvent => ({ type: 'ADDED', object }));
    return ok(allowsBookmarks ? [...added, { type: 'BOOKMARK', object: initialEventsEnd(call) }] : added);
  }
  if (resourceVersion === '' || resourceVersion === '0') return ok([]);
  const changes = store.changesSince(collectionOf(collectionPrefix(call)), Number(resourceVersion));
  if (!changes.ok) return err(expired(`too old resource version: ${resourceVersion} (${store.revision()})`));
  return ok(
    changes.value.flatMap((change) => {
      const event = toEvent(call, selection, change);
      return event === undefined ? [] : [event];
    }),
  );
}

function initialEventsEnd(call: Call): JsonObject {
  return bookmark(call, { annotations: { 'k8s.io/initial-events-end': 'true' } });
}

/** An object of the kind that has nothing but the newest revision. */
function bookmark(call: Call, metadata: JsonObject): JsonObject {
  const { group, version, kind } = call.kind;
  return {
    kind,
    apiVersion: group === '' ? version : `${group}/${version}`,
    metadata: { resourceVersion: String(call.server.store.revision()), ...metadata },
  };
}

/** What a change is to somebody who sees only the selected objects of one namespace. */
function toEvent(call: Call, selection: Selection, change: StoreChange): PlainEvent | undefined {
  if (!change.key.startsWith(collectionPrefix(call))) return undefined;
  const { before, after } = change;
  const wasSelected = before !== undefined && selection(before);
  const isSelected = after !== undefined && selection(after);
  if (after !== undefined && isSelected) {
    return { type: wasSelected ? 'MODIFIED' : 'ADDED', object: after };
  }
  if (before === undefined || !wasSelected) return undefined;
  return { type: 'DELETED', object: atRevision(before, change.revision) };
}

/** The last state that was selected, with the revision at which it ceased to be. */
function atRevision(object: StoredObject, revision: number): StoredObject {
  return { ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } };
}

function openWatch(
  call: Call,
  options: {
    readonly form: OutputForm;
    readonly selection: Selection;
    readonly initial: readonly PlainEvent[];
    /** Changes up to here are none of the client's. */
    readonly afterRevision: number;
  },
): Watch {
  const { form, selection, afterRevision } = options;
  const pending: PlainEvent[] = [...options.initial];
  let listener: ((event: WatchEvent) => void) | undefined;
  let hasSentColumns = false;
  const deliver = (event: PlainEvent): void => {
    if (listener === undefined) {
      pending.push(event);
      return;
    }
    const object = formatEvent(call, form, event);
    const isTable = form.type === 'table' && event.type !== 'BOOKMARK';
    // A watch says the columns of its Tables once.
    const isRepeated = isTable && hasSentColumns;
    hasSentColumns ||= isTable;
    listener({
      type: event.type,
      object: isRepeated ? withKeys(object, { columnDefinitions: null }) : object,
    });
  };
  const stop = call.server.store.listen(collectionOf(collectionPrefix(call)), (change) => {
    const event = change.revision > afterRevision ? toEvent(call, selection, change) : undefined;
    if (event !== undefined) deliver(event);
  });
  return {
    onEvent(next) {
      listener = next;
      for (const event of pending.splice(0)) deliver(event);
    },
    bookmark: () => ({ type: 'BOOKMARK', object: bookmark(call, {}) }),
    stop,
  };
}

function formatEvent(call: Call, form: OutputForm, event: PlainEvent): JsonObject {
  if (event.type === 'BOOKMARK') return event.object;
  return formatObject(form, call.kind, event.object, call.server.queue.now());
}

/** A watch that cannot begin says so in one event. */
function endedWatch(refusal: { readonly body: JsonObject }): Watch {
  return {
    onEvent(listener) {
      listener({ type: 'ERROR', object: refusal.body });
    },
    bookmark: () => ({ type: 'ERROR', object: refusal.body }),
    stop() {},
  };
}
