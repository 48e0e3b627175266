/**
 * Reading and writing the cluster's objects through the door, for controllers and node components. It stands for
 * client-go's typed clients; kubectl sends its own requests, since it needs Tables and raw answers.
 */

import type { Status } from '../api/types/kinds.ts';
import type { Resource } from '../api/types/resources.ts';
import type { KubeObject } from '../api/types/wire.ts';
import type { JsonObject, JsonValue } from '../base/json.ts';
import type { Result } from '../base/result.ts';

/** The outcome of a write: the stored object, or the refusal. */
export type Answer<T> = Result<T, Status>;

/** One client of the API server, under one user's name. */
export interface Client {
  get<T>(resource: Resource<T>, namespace: string, name: string): Answer<T>;
  list<T>(resource: Resource<T>, namespace?: string): readonly T[];
  create<T>(resource: Resource<T>, namespace: string, object: JsonObject): Answer<T>;
  update<T>(resource: Resource<T>, object: JsonObject): Answer<T>;
  updateStatus<T>(resource: Resource<T>, object: JsonObject): Answer<T>;
  /** A PUT to a subresource other than status (`finalize`). */
  updateSubresource<T>(resource: Resource<T>, object: JsonObject, subresource: string): Answer<T>;
  /** A JSON merge patch (RFC 7386) of the object, or of its subresource. */
  mergePatch<T>(
    resource: Resource<T>,
    namespace: string,
    name: string,
    patch: JsonValue,
    subresource?: string,
  ): Answer<T>;
  delete<T>(
    resource: Resource<T>,
    namespace: string,
    name: string,
    options?: DeleteOptions,
  ): Answer<JsonObject>;
  /** A POST to a subresource (`binding`, `eviction`). */
  createSubresource<T>(
    resource: Resource<T>,
    namespace: string,
    name: string,
    subresource: string,
    object: JsonObject,
  ): Answer<JsonObject>;
}

export interface DeleteOptions {
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: 'Foreground' | 'Background' | 'Orphan';
  readonly uid?: string;
}

/** What an informer tells its listeners: `before` is absent for an addition, `after` for a deletion. */
export interface ObjectChange<T> {
  readonly before?: T;
  readonly after?: T;
}

/**
 * The objects of one kind, kept up to date by a watch; every part that reads this kind shares it. Listeners are called
 * in the midst of the write: they note keys in a {@link Workqueue} and do nothing else. Objects are frozen.
 */
export interface Informer<T> {
  readonly resource: Resource<T>;
  onChange(listener: (change: ObjectChange<T>) => void): void;
  get(namespace: string, name: string): T | undefined;
  /** Sorted by namespace, then name. */
  list(namespace?: string): readonly T[];
  /**
   * A way to look objects up by what `valuesOf` reads from them, sorted as {@link list}. `name` is the index's own within its
   * kind: who asks for the same name shares it, and so must read the same. It is built when it is first asked.
   */
  index(name: string, valuesOf: (object: T) => readonly string[]): (value: string) => readonly T[];
}

/** Hands out the one informer of each kind, as client-go's SharedInformerFactory. */
export interface InformerFactory {
  informer<T extends KubeObject>(resource: Resource<T>): Informer<T>;
}

/**
 * Keys to be reconciled: a key that is added twice before it is handled is handled once. Each key is handled in a
 * foreground event of its own, in order of adding; a failed one comes back later, with growing delays.
 */
export interface Workqueue {
  add(key: string): void;
  addAfter(key: string, delayMs: number, options?: { readonly background?: boolean }): void;
}

/** What a reconcile says: try again after a delay, or done. */
export type ReconcileOutcome =
  | { readonly requeueAfterMs: number; readonly background?: boolean }
  | 'done'
  | 'retry';

/** Writes Events, joining repeated ones into one with a count, as client-go's EventRecorder does. */
export interface EventRecorder {
  /** `fieldPath` names the part of the object that it is about: `spec.containers{web}`. */
  event(
    about: KubeObject,
    type: 'Normal' | 'Warning',
    reason: string,
    message: string,
    fieldPath?: string,
  ): void;
}

/** What happened to an object: see {@link SeriesRecorder}. */
export interface SeriesEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly action: string;
  readonly message: string;
  /** Another object that has to do with it. */
  readonly related?: KubeObject;
}

/** Writes Events in the newer form, with an action, and repeated ones as a series. */
export interface SeriesRecorder {
  event(about: KubeObject, event: SeriesEvent): void;
}

/** What every controller and node component is handed. */
export interface ControllerContext {
  readonly client: Client;
  readonly informers: InformerFactory;
  /** Makes the queue of one controller; `name` is unique and names its events. */
  workqueue(name: string, reconcile: (key: string) => ReconcileOutcome): Workqueue;
  /** A recorder whose events name this component (`kubelet` with its node as host). */
  eventRecorder(component: string, host?: string): EventRecorder;
  /** A recorder of the newer form; `host` is the machine that the component runs on. */
  seriesRecorder(component: string, host: string): SeriesRecorder;
  /** Virtual time as RFC 3339 with whole seconds, as metav1.Time. */
  nowTimestamp(): string;
}
