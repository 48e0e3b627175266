/**
 * The store as a version of a kind sees it whose objects are kept in other words: what is read and written is converted on
 * the way. It stands for the conversion between versions in kube-apiserver, where everything is stored in one of them.
 */
import type { KindDefinition, StorageForm } from '../../api/scheme.ts';
import type { Store, StoreChange, StoredObject } from '../store/store.ts';
import { toStoredObject } from './object-access.ts';

/** What the steps of a request do with a store. */
export type ObjectStore = Pick<
  Store,
  'revision' | 'get' | 'list' | 'listAfter' | 'create' | 'update' | 'delete' | 'changesSince' | 'listen'
>;

/** The store as a kind sees it: itself, for a kind that is kept as it is. Other kinds are seen as they are. */
export function storeFor(kind: KindDefinition, store: ObjectStore): ObjectStore {
  return kind.storage === undefined ? store : convertStore(kind, kind.storage, store);
}

function convertStore(kind: KindDefinition, form: StorageForm, store: ObjectStore): ObjectStore {
  const here = `${kind.group}/${kind.plural}/`;
  const there = `${form.group}/${form.plural}/`;
  const isOwn = (key: string) => key.startsWith(here);
  const inward = (key: string) => (isOwn(key) ? there + key.slice(here.length) : key);
  const outward = (key: string) => (key.startsWith(there) ? here + key.slice(there.length) : key);
  const show = (object: StoredObject) => toStoredObject(form.fromStorage(object));

  function* showEach(entries: Iterable<[string, StoredObject]>): Generator<[string, StoredObject]> {
    for (const [key, object] of entries) yield [outward(key), show(object)];
  }

  const showChange = ({ revision, key, before, after }: StoreChange): StoreChange => ({
    revision,
    key: outward(key),
    ...(before === undefined ? {} : { before: show(before) }),
    ...(after === undefined ? {} : { after: show(after) }),
  });

  return {
    revision: () => store.revision(),
    get(key) {
      const object = store.get(inward(key));
      return object === undefined || !isOwn(key) ? object : show(object);
    },
    list: (prefix) => (isOwn(prefix) ? showEach(store.list(inward(prefix))) : store.list(prefix)),
    listAfter: (prefix, key) =>
      isOwn(prefix) ? showEach(store.listAfter(inward(prefix), inward(key))) : store.listAfter(prefix, key),
    create({ key, object }) {
      const stored = store.create({
        key: inward(key),
        object: isOwn(key) ? toStoredObject(form.toStorage(object, undefined)) : object,
      });
      return stored.ok && isOwn(key) ? { ok: true, value: show(stored.value) } : stored;
    },
    update({ key, object }, before) {
      const kept = isOwn(key) ? toStoredObject(form.toStorage(object, store.get(inward(key)))) : object;
      const stored = store.update({ key: inward(key), object: kept }, before);
      return stored.ok && isOwn(key) ? { ok: true, value: show(stored.value) } : stored;
    },
    delete(key) {
      const last = store.delete(inward(key));
      return last.ok && isOwn(key) ? { ok: true, value: show(last.value) } : last;
    },
    changesSince(collection, revision) {
      const changes = store.changesSince(inward(collection), revision);
      return changes.ok && isOwn(collection) ? { ok: true, value: changes.value.map(showChange) } : changes;
    },
    listen: (collection, listener) =>
      isOwn(collection)
        ? store.listen(inward(collection), (change) => listener(showChange(change)))
        : store.listen(collection, listener),
  };
}
