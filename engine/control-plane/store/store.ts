/**
 * What etcd and the watch cache are to the API server: every object under one key, one revision counter over all of
 * them, writes that name the revision they were made from, and a history from which a watch can start in the past.
 *
 * Left out: leases, several members, compaction by time. The history is bounded by a number of changes instead, and who
 * asks for something older is told so.
 */
import type { ApiRequest } from '../../api/request.ts';
import type { KubeObject } from '../../api/types/wire.ts';
import { deepFreeze, type JsonObject } from '../../base/json.ts';
import type { RandomState } from '../../base/random.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { createSortedMap, entriesWithPrefix, type SortedMap } from '../../base/sorted-map.ts';

/** An object in the store: plain JSON that has at least a name. */
export type StoredObject = JsonObject & KubeObject;

/** One write, as the history and the watches tell it. */
export interface StoreChange {
  readonly revision: number;
  readonly key: string;
  /** Absent for a creation. */
  readonly before?: StoredObject;
  /** Absent for a deletion. */
  readonly after?: StoredObject;
}

/** A request that creates an object, with all that its outcome depends on. */
export interface LateCreation {
  readonly request: ApiRequest;
  readonly nowMs: number;
  readonly random: Readonly<RandomState>;
}

/** An object that is made when somebody reads its collection. */
interface PromisedObject {
  readonly key: string;
  readonly revision: number;
  readonly creation: LateCreation;
}

interface Promises {
  readonly collection: string;
  readonly decisive: readonly string[];
  readonly objects: PromisedObject[];
}

/** What changes in a {@link Store}. */
export interface StoreState {
  revision: number;
  objects: SortedMap<StoredObject>;
  /** Changes by revision, the key padded so that text order is the order of numbers. */
  history: SortedMap<StoreChange>;
  historySize: number;
  /** The newest revision whose change is no longer in the history. */
  compactedRevision: number;
  /** The newest revision of each collection that ever had an object. */
  collectionRevisions: Map<string, number>;
  /** Objects of one collection that have their revision and are still to be made. */
  promises?: Promises | undefined;
}

/** The state of an empty store. The first write gets revision 1. */
export function storeState(): StoreState {
  return {
    revision: 0,
    objects: createSortedMap<StoredObject>(),
    history: createSortedMap<StoreChange>(),
    historySize: 0,
    compactedRevision: 0,
    collectionRevisions: new Map(),
  };
}

/** Why a write was not made. */
export type StoreRefusal = 'exists' | 'missing' | 'conflict';

/** A write of an object as it should be, but for its resourceVersion, which the store sets. */
export interface StoreWrite {
  readonly key: string;
  readonly object: StoredObject;
}

const maxHistory = 10_000;

/** See the head of this file. */
export class Store {
  readonly #state: StoreState;
  readonly #listeners = new Map<string, Set<(change: StoreChange) => void>>();

  readonly #carryOut: (creation: LateCreation) => StoredObject | undefined;

  /** `carryOut` makes promised objects, see {@link Store.promise}; who promises none needs none. */
  constructor(
    state: StoreState,
    carryOut: (creation: LateCreation) => StoredObject | undefined = () => undefined,
  ) {
    this.#state = state;
    this.#carryOut = carryOut;
  }

  /** The revision of the newest write. */
  revision(): number {
    return this.#state.revision;
  }

  /** The revision of the newest write to a collection, as {@link collectionOf} names it; 0 before the first. */
  collectionRevision(collection: string): number {
    return this.#state.collectionRevisions.get(collection) ?? 0;
  }

  get(key: string): StoredObject | undefined {
    this.#keepPromises(key);
    return this.#state.objects.get(key);
  }

  /** Every object whose key starts with `prefix`, in key order. */
  list(prefix: string): Generator<[string, StoredObject]> {
    this.#keepPromises(prefix);
    return entriesWithPrefix(this.#state.objects, prefix);
  }

  /** The objects that come after `key`, as {@link list}: where a continued list goes on. */
  *listAfter(prefix: string, key: string): Generator<[string, StoredObject]> {
    this.#keepPromises(prefix);
    for (const entry of this.#state.objects.entries(key)) {
      if (!entry[0].startsWith(prefix)) return;
      if (entry[0] !== key) yield entry;
    }
  }

  /** Stores a new object; `exists` when the key is taken. */
  create(write: StoreWrite): Result<StoredObject, StoreRefusal> {
    this.#keepPromisesBefore(write.key);
    if (this.#state.objects.has(write.key)) return err('exists');
    return ok(this.#put(write, undefined));
  }

  /** Replaces an object that is still `before`; `conflict` when somebody else wrote meanwhile. */
  update(write: StoreWrite, before: StoredObject): Result<StoredObject, StoreRefusal> {
    this.#keepPromisesBefore(write.key);
    const current = this.#state.objects.get(write.key);
    if (current === undefined) return err('missing');
    if (current.metadata.resourceVersion !== before.metadata.resourceVersion) return err('conflict');
    return ok(this.#put(write, current));
  }

  /** Takes an object out and returns it as it last was, with the revision of its deletion. */
  delete(key: string): Result<StoredObject, StoreRefusal> {
    this.#keepPromisesBefore(key);
    const current = this.#state.objects.get(key);
    if (current === undefined) return err('missing');
    const state = this.#state;
    state.revision += 1;
    state.objects.delete(key);
    const last = withRevision(current, state.revision);
    this.#record({ revision: state.revision, key, before: last });
    return ok(last);
  }

  /**
   * The changes after `revision` in a collection, oldest first; an error when the history does not reach back so far. Where
   * nothing has changed since, as with a kind that nobody uses, the history is not asked.
   *
   * @param collection the first two segments of the keys, as {@link collectionOf} gives them.
   */
  changesSince(collection: string, revision: number): Result<readonly StoreChange[], 'compacted'> {
    this.#keepPromises(collection);
    if ((this.#state.collectionRevisions.get(collection) ?? 0) <= revision) return ok([]);
    if (revision < this.#state.compactedRevision) return err('compacted');
    const changes: StoreChange[] = [];
    for (const [, change] of this.#state.history.entries(historyKey(revision + 1))) {
      if (change.key.startsWith(collection)) changes.push(change);
    }
    return ok(changes);
  }

  /**
   * Calls `listener` in the midst of every write to a collection from now on. Returns what ends it.
   */
  listen(collection: string, listener: (change: StoreChange) => void): () => void {
    this.#keepPromises(collection);
    const listeners = this.#listeners.get(collection) ?? new Set();
    this.#listeners.set(collection, listeners);
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  }

  /** Whether anybody is told of writes to a collection. */
  isHeard(collection: string): boolean {
    return (this.#listeners.get(collection)?.size ?? 0) > 0;
  }

  /**
   * Gives a new object its revision, and makes it when somebody reads its collection, or before anything in a collection
   * changes that decides about it. Nobody may hear of the collection, and only one collection at a time has promises.
   */
  promise(promised: {
    readonly key: string;
    readonly collection: string;
    readonly decisive: readonly string[];
    readonly creation: LateCreation;
  }): void {
    const state = this.#state;
    const { key, collection, decisive, creation } = promised;
    state.revision += 1;
    state.collectionRevisions.set(collection, state.revision);
    state.promises ??= { collection, decisive, objects: [] };
    state.promises.objects.push(Object.freeze({ key, revision: state.revision, creation }));
  }

  /** Makes what is promised before a key or prefix is read that holds some of it. */
  #keepPromises(read: string): void {
    const collection = this.#state.promises?.collection;
    if (collection === undefined) return;
    if (read.startsWith(collection) || collection.startsWith(read)) this.#keepAllPromises();
  }

  /** Makes what is promised before a write of its kind, or of a kind that decides about it. */
  #keepPromisesBefore(written: string): void {
    const { promises } = this.#state;
    if (promises === undefined) return;
    const { collection, decisive } = promises;
    if ([collection, ...decisive].some((touched) => written.startsWith(touched))) this.#keepAllPromises();
  }

  #keepAllPromises(): void {
    const state = this.#state;
    const objects = state.promises?.objects ?? [];
    state.promises = undefined;
    for (const { key, revision, creation } of objects) {
      const object = this.#carryOut(creation);
      if (object === undefined || state.objects.has(key)) continue;
      const after = withRevision(object, revision);
      state.objects.set(key, after);
      if (revision > state.compactedRevision) this.#remember(Object.freeze({ revision, key, after }));
    }
  }

  #put(write: StoreWrite, before: StoredObject | undefined): StoredObject {
    const state = this.#state;
    state.revision += 1;
    const after = withRevision(write.object, state.revision);
    state.objects.set(write.key, after);
    this.#record(
      before === undefined
        ? { revision: state.revision, key: write.key, after }
        : { revision: state.revision, key: write.key, before, after },
    );
    return after;
  }

  #record(change: StoreChange): void {
    const state = this.#state;
    Object.freeze(change);
    const collection = collectionOf(change.key);
    state.collectionRevisions.set(collection, change.revision);
    this.#remember(change);
    for (const listener of [...(this.#listeners.get(collection) ?? [])]) listener(change);
  }

  #remember(change: StoreChange): void {
    const state = this.#state;
    state.history.set(historyKey(change.revision), change);
    state.historySize += 1;
    while (state.historySize > maxHistory) {
      const oldest = state.history.minKey();
      if (oldest === undefined) break;
      state.history.delete(oldest);
      state.historySize -= 1;
      state.compactedRevision = Number(oldest);
    }
  }
}

/** The key of an object: group, plural, namespace (empty for cluster-scoped kinds) and name. */
export function storeKey(group: string, plural: string, namespace: string, name: string): string {
  return `${group}/${plural}/${namespace}/${name}`;
}

/** The part of a key that all objects of a kind share, with the slash behind it. */
export function collectionOf(key: string): string {
  return key.slice(0, key.indexOf('/', key.indexOf('/') + 1) + 1);
}

function historyKey(revision: number): string {
  return String(revision).padStart(16, '0');
}

function withRevision(object: StoredObject, revision: number): StoredObject {
  return deepFreeze({
    ...object,
    metadata: { ...object.metadata, resourceVersion: String(revision) },
  });
}
