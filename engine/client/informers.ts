/**
 * Informers: one list and one watch per kind, shared by everybody who reads it. Source: client-go/tools/cache
 * (SharedInformer, Reflector) and informers (SharedInformerFactory).
 *
 * Left out: resyncs.
 */
import type { Transport, WatchEvent } from '../api/request.ts';
import type { Resource } from '../api/types/resources.ts';
import type { KubeObject } from '../api/types/wire.ts';
import { deepFreeze, isJsonObject } from '../base/json.ts';
import { invariant } from '../base/result.ts';
import { createSortedMap, type SortedMap, valuesWithPrefix } from '../base/sorted-map.ts';
import type { Informer, InformerFactory, ObjectChange } from './client.ts';
import { isOfResource, pathOf } from './create-client.ts';

/** What one informer knows: the objects by `namespace/name`, and up to which revision. */
interface CacheState {
  resourceVersion: string;
  readonly objects: SortedMap<KubeObject>;
}

/** What changes in an {@link InformerFactory}: a cache per kind, by `group/plural`. */
export interface InformersState {
  readonly caches: Map<string, CacheState>;
}

/** The state of a factory that nobody has asked for an informer yet. */
export function informersState(): InformersState {
  return { caches: new Map() };
}

const userAgent = 'kubedrill-informer/v1';

/**
 * Makes a factory on a state that may hold caches of a forked cluster already: these go on from the revision they had
 * reached. An informer lists and watches from when it is first asked for; listeners that come later are told what there is.
 */
export function createInformers(transport: Transport, state: InformersState): InformerFactory {
  const informers = new Map<string, SharedInformer<KubeObject>>();
  return {
    informer<T extends KubeObject>(resource: Resource<T>): Informer<T> {
      const key = `${resource.group}/${resource.plural}`;
      const shared =
        informers.get(key) ?? new SharedInformer<KubeObject>(transport, resource, cacheOf(state, key));
      informers.set(key, shared);
      return new TypedInformer(shared, resource);
    },
  };
}

function cacheOf(state: InformersState, key: string): CacheState {
  const known = state.caches.get(key);
  if (known !== undefined) return known;
  const cache: CacheState = { resourceVersion: '', objects: createSortedMap<KubeObject>() };
  state.caches.set(key, cache);
  return cache;
}

/** The one informer of a kind, which does not know the kind's type. */
class SharedInformer<T extends KubeObject> {
  readonly #transport: Transport;
  readonly #resource: Resource<T>;
  readonly #cache: CacheState;
  readonly #listeners: ((change: ObjectChange<KubeObject>) => void)[] = [];
  readonly #indices = new Map<string, ObjectIndex>();

  constructor(transport: Transport, resource: Resource<T>, cache: CacheState) {
    this.#transport = transport;
    this.#resource = resource;
    this.#cache = cache;
    if (cache.resourceVersion === '') this.#list();
    this.#watch();
  }

  onChange(listener: (change: ObjectChange<KubeObject>) => void): void {
    this.#listeners.push(listener);
  }

  get(key: string): KubeObject | undefined {
    return this.#cache.objects.get(key);
  }

  list(namespace: string): readonly KubeObject[] {
    const { objects } = this.#cache;
    return namespace === '' ? objects.valuesArray() : valuesWithPrefix(objects, `${namespace}/`);
  }

  /** The index of a name; it follows from the cache and is no state of its own. */
  index(name: string, valuesOf: (object: KubeObject) => readonly string[]): ObjectIndex {
    const known = this.#indices.get(name);
    if (known !== undefined) return known;
    const index = new ObjectIndex(valuesOf);
    for (const [key, object] of this.#cache.objects.entries()) index.put(key, undefined, object);
    this.#indices.set(name, index);
    return index;
  }

  #list(): void {
    const { group, version, kind } = this.#resource;
    const answer = this.#transport.send({
      method: 'GET',
      path: pathOf(this.#resource),
      headers: { accept: 'application/json', 'user-agent': userAgent },
    });
    invariant(answer.type === 'object' && answer.code === 200, `cannot list ${this.#resource.plural}`);
    const { metadata, items } = answer.body;
    invariant(isJsonObject(metadata) && Array.isArray(items), 'a list has metadata and items');
    const apiVersion = group === '' ? version : `${group}/${version}`;
    for (const item of items) {
      if (!isJsonObject(item)) continue;
      const object = deepFreeze({ apiVersion, kind, ...item });
      if (isOfResource(this.#resource, object)) this.#cache.objects.set(cacheKey(object), object);
    }
    this.#cache.resourceVersion = String(metadata.resourceVersion ?? '0');
  }

  #watch(): void {
    const { resourceVersion } = this.#cache;
    const listener = (event: WatchEvent) => this.#apply(event);
    if (this.#transport.follow?.(this.#resource, resourceVersion, listener)) return;
    const answer = this.#transport.send({
      method: 'GET',
      path: pathOf(this.#resource),
      query: [
        ['watch', 'true'],
        ['resourceVersion', resourceVersion],
      ],
      headers: { accept: 'application/json', 'user-agent': userAgent },
    });
    invariant(answer.type === 'watch', `cannot watch ${this.#resource.plural}`);
    answer.watch.onEvent(listener);
  }

  #apply(event: WatchEvent): void {
    const { object } = event;
    invariant(isOfResource(this.#resource, object), `a watch of ${this.#resource.plural} ended`);
    const key = cacheKey(object);
    const before = this.#cache.objects.get(key);
    this.#cache.resourceVersion = object.metadata.resourceVersion ?? this.#cache.resourceVersion;
    if (event.type === 'DELETED') {
      this.#cache.objects.delete(key);
      for (const index of this.#indices.values()) index.put(key, before, undefined);
      this.#tell({ before: object });
      return;
    }
    this.#cache.objects.set(key, object);
    for (const index of this.#indices.values()) index.put(key, before, object);
    this.#tell(before === undefined ? { after: object } : { before, after: object });
  }

  #tell(change: ObjectChange<KubeObject>): void {
    for (const listener of this.#listeners) listener(change);
  }
}

/** The objects of a cache by one of their properties, in the order of the cache. */
class ObjectIndex {
  readonly #valuesOf: (object: KubeObject) => readonly string[];
  readonly #buckets = new Map<string, SortedMap<KubeObject>>();

  constructor(valuesOf: (object: KubeObject) => readonly string[]) {
    this.#valuesOf = valuesOf;
  }

  put(key: string, before: KubeObject | undefined, after: KubeObject | undefined): void {
    const values = after === undefined ? [] : this.#valuesOf(after);
    for (const value of before === undefined ? [] : this.#valuesOf(before)) {
      if (values.includes(value)) continue;
      const bucket = this.#buckets.get(value);
      bucket?.delete(key);
      if (bucket?.size === 0) this.#buckets.delete(value);
    }
    if (after === undefined) return;
    for (const value of values) {
      const bucket = this.#buckets.get(value) ?? createSortedMap<KubeObject>();
      bucket.set(key, after);
      this.#buckets.set(value, bucket);
    }
  }

  at(value: string): readonly KubeObject[] {
    return this.#buckets.get(value)?.valuesArray() ?? [];
  }
}

/** A shared informer seen as one of its kind. */
class TypedInformer<T extends KubeObject> implements Informer<T> {
  readonly resource: Resource<T>;
  readonly #shared: SharedInformer<KubeObject>;

  constructor(shared: SharedInformer<KubeObject>, resource: Resource<T>) {
    this.#shared = shared;
    this.resource = resource;
  }

  onChange(listener: (change: ObjectChange<T>) => void): void {
    this.#shared.onChange((change) => {
      if (isChangeOf(this.resource, change)) listener(change);
    });
  }

  get(namespace: string, name: string): T | undefined {
    const object = this.#shared.get(`${namespace}/${name}`);
    return object !== undefined && isOfKind(this.resource, object) ? object : undefined;
  }

  list(namespace = ''): readonly T[] {
    const objects: T[] = [];
    for (const object of this.#shared.list(namespace)) {
      if (isOfKind(this.resource, object)) objects.push(object);
    }
    return objects;
  }

  index(name: string, valuesOf: (object: T) => readonly string[]): (value: string) => readonly T[] {
    const read = (object: KubeObject) => (isOfKind(this.resource, object) ? valuesOf(object) : []);
    return (value) => {
      const objects: T[] = [];
      for (const object of this.#shared.index(name, read).at(value)) {
        if (isOfKind(this.resource, object)) objects.push(object);
      }
      return objects;
    };
  }
}

/** Whether what an informer holds is of its kind: what came in was held to kind and version. */
function isOfKind<T extends KubeObject>({ kind }: Resource<T>, object: KubeObject): object is T & KubeObject {
  return object.kind === kind;
}

function isChangeOf<T extends KubeObject>(
  { kind }: Resource<T>,
  change: ObjectChange<KubeObject>,
): change is ObjectChange<T> {
  return (change.after ?? change.before)?.kind === kind;
}

function cacheKey(object: KubeObject): string {
  return `${object.metadata.namespace ?? ''}/${object.metadata.name}`;
}
