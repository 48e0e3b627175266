/**
 * What every step of a request is handed: the parts of the server, and what the request said.
 */
import type { FieldValidation } from '../../api/decode/decode-object.ts';
import type { NodeConnection } from '../../api/node-connection.ts';
import type { ReachBackend } from '../../api/proxied.ts';
import type { ApiRequest, UserInfo } from '../../api/request.ts';
import type { Schema } from '../../api/schema/schema.ts';
import type { KindDefinition, Scheme } from '../../api/scheme.ts';
import type { EventQueue } from '../../base/event-queue.ts';
import type { Limits } from '../../base/limits.ts';
import type { Random } from '../../base/random.ts';
import { type StoredObject, storeKey } from '../store/store.ts';
import type { ServiceAllocator } from './allocation/service-allocator.ts';
import type { ObjectStore } from './converted-store.ts';
import type { ResourceTarget } from './request-target.ts';

/** What the composition root hands in. */
export interface ApiServerDeps {
  readonly scheme: Scheme;
  /** The fields of every kind. */
  readonly schema: Schema;
  readonly queue: EventQueue;
  readonly random: Random;
  readonly limits: Limits;
  /** The network address of the /16 that Services get addresses from; `10.96.0.0` when absent. */
  readonly serviceNetwork?: string;
  /** The kubelet of a node; undefined when there is no such node or it does not answer. */
  nodeConnection(nodeName: string): NodeConnection | undefined;
  /** Absent where the server stands on no machine: then nothing can be reached. */
  readonly reachBackend?: ReachBackend;
}

/** The server as the steps of a request see it. */
export interface ServerContext extends ApiServerDeps {
  /** As the kind of the call sees it. */
  readonly store: ObjectStore;
  readonly allocator: ServiceAllocator;
}

/** One request to a resource, its parameters read. */
export interface Call {
  readonly server: ServerContext;
  readonly request: ApiRequest;
  readonly target: ResourceTarget;
  readonly kind: KindDefinition;
  readonly namespace: string;
  readonly name: string;
  readonly subresource: string;
  readonly user: UserInfo;
  readonly fieldManager: string;
  readonly fieldValidation: FieldValidation;
  readonly isDryRun: boolean;
  /** Warnings gathered on the way, in order. */
  readonly warnings: string[];
}

/** The value of a query parameter; the first one when it comes more than once. */
export function queryValue(request: ApiRequest, name: string): string | undefined {
  return request.query?.find(([key]) => key === name)?.[1];
}

/**
 * Whether a boolean query parameter is set: whatever stands there says yes, even nothing, but for the words for no.
 * Source: Convert_Slice_string_To_bool of k8s.io/apimachinery/pkg/runtime/conversion.go.
 */
export function isQueryTrue(request: ApiRequest, name: string): boolean {
  const value = queryValue(request, name)?.toLowerCase();
  return value !== undefined && value !== 'false' && value !== '0';
}

/** The key under which the object of a call lives. */
export function keyOf(call: Call, name = call.name): string {
  return storeKey(call.kind.group, call.kind.plural, call.namespace, name);
}

/** The stored object that a call names. */
export function storedObject(call: Call): StoredObject | undefined {
  return call.server.store.get(keyOf(call));
}

/** Virtual time as metav1.Time prints it: RFC 3339 with whole seconds. */
export function timestamp(ms: number): string {
  return `${new Date(Math.floor(ms / 1000) * 1000).toISOString().slice(0, 19)}Z`;
}
