/**
 * The API server: one door for everybody. A request goes from its path to a handler; what the handler cannot grant comes
 * back as a Status. It stands for kube-apiserver without authentication, authorization (everybody is an administrator)
 * and audit.
 */
import type { ApiRequest, ApiResponse, Transport } from '../../api/request.ts';
import { loadSchemaDocs } from '../../api/schema/schema.ts';
import { kubernetesVersion } from '../../api/version.ts';
import type { JsonObject } from '../../base/json.ts';
import { err, ok } from '../../base/result.ts';
import { Store, type StoreState, storeState } from '../store/store.ts';
import {
  type ServiceAllocationState,
  ServiceAllocator,
  serviceAllocationState,
} from './allocation/service-allocator.ts';
import { parseCall } from './call.ts';
import { createFromBody } from './create.ts';
import { deleteEach, deleteObject } from './delete.ts';
import {
  aggregatedDiscovery,
  groupDiscovery,
  groupList,
  legacyVersions,
  resourceList,
  rootPaths,
  wantsAggregated,
} from './discovery.ts';
import { evictPod } from './evict-pod.ts';
import { describeHealth } from './health.ts';
import { carryOut, createLater } from './later.ts';
import { listObjects, selectedObjects } from './list.ts';
import { refuseRevision } from './list-options.ts';
import { openApiIndex, openApiV2, openApiV3 } from './openapi.ts';
import { acceptDocument, formatObject, negotiateOutput, type OutputForm } from './output-form.ts';
import { patchObject } from './patch-object.ts';
import { openPortForward, openSession, readLogs } from './pod-streams.ts';
import { bindPod } from './pod-subresources.ts';
import { passOn } from './proxy/pass-on.ts';
import { methodNotAllowed, noSuchResource, notFound, type Outcome, type Refusal } from './refusals.ts';
import { parseTarget, type ResourceTarget, type Target } from './request-target.ts';
import { createReview, isReview } from './reviews/create-review.ts';
import { requestToken } from './reviews/request-token.ts';
import { handleScale } from './scale.ts';
import { parseSelection } from './selection.ts';
import { createServedKinds } from './served-kinds.ts';
import {
  type ApiServerDeps,
  type Call,
  isQueryTrue,
  type ServerContext,
  storedObject,
} from './server-context.ts';
import { type Updated, updateFromBody } from './update.ts';
import { followCollection, watchObjects } from './watch.ts';

/** What changes in an API server. */
export interface ApiServerState {
  readonly store: StoreState;
  readonly services: ServiceAllocationState;
}

/** The state of a server without a single object. */
export function apiServerState(): ApiServerState {
  return { store: storeState(), services: serviceAllocationState() };
}

/** Makes the server on a state that may hold objects already. */
export function createApiServer(deps: ApiServerDeps, state: ApiServerState): Transport {
  const store = new Store(state.store, (creation) => carryOut(server, creation));
  const allocator = new ServiceAllocator(state.services, store, deps.random, deps.serviceNetwork);
  const server: ServerContext = {
    ...createServedKinds(deps, store),
    queue: deps.queue,
    random: deps.random,
    limits: deps.limits,
    nodeConnection: (name) => deps.nodeConnection(name),
    ...(deps.reachBackend === undefined ? {} : { reachBackend: deps.reachBackend }),
    store,
    allocator,
  };
  return {
    send(request) {
      const outcome = handle(server, request);
      return outcome.ok ? outcome.value : refused(outcome.error, []);
    },
    sendLater: (request) => createLater(server, store, request),
    follow: (collection, afterRevision, listener) =>
      followCollection(server, collection, { afterRevision, listener }),
  };
}

function handle(server: ServerContext, request: ApiRequest): Outcome<ApiResponse> {
  const target = parseTarget(request.path, server.scheme);
  if (target.type !== 'resource') return describeServer(server, request, target);
  if (target.subresource === 'proxy') {
    // The query is the other end's.
    const passed = parseCall(server, { ...request, query: [] }, target);
    return passed.ok ? ok(passOn(passed.value, request)) : passed;
  }
  const call = parseCall(server, request, target);
  if (!call.ok) return call;
  const outcome = handleResource(call.value, target);
  return outcome.ok ? outcome : ok(refused(outcome.error, call.value.warnings));
}

function refused(refusal: Refusal, warnings: readonly string[]): ApiResponse {
  return { type: 'object', code: refusal.code, warnings, body: refusal.body };
}

function document(body: JsonObject): Outcome<ApiResponse> {
  return ok({ type: 'object', code: 200, warnings: [], body });
}

function describeServer(server: ServerContext, request: ApiRequest, target: Target): Outcome<ApiResponse> {
  const { scheme } = server;
  if (target.type === 'unknown') return pageNotFound();
  if (target.type === 'no-resource') return err(noSuchResource());
  if (request.method !== 'GET' && !takesAnyMethod(target)) return err(methodNotAllowed());
  const acceptable = acceptDocument(request, target.type);
  if (!acceptable.ok) return acceptable;
  switch (target.type) {
    case 'health': {
      const body = describeHealth(request, target.path);
      return body === undefined ? pageNotFound() : ok({ type: 'text', code: 200, warnings: [], body });
    }
    case 'root':
      return document(rootPaths(scheme));
    case 'version':
      return document(versionDocument());
    case 'legacy-versions':
      return document(wantsAggregated(request) ? aggregatedDiscovery(scheme, 'core') : legacyVersions());
    case 'groups':
      return document(wantsAggregated(request) ? aggregatedDiscovery(scheme, 'named') : groupList(scheme));
    case 'group':
      return document(groupDiscovery(scheme, target.group));
    case 'resources':
      return document(resourceList(scheme, target.group, target.version));
    case 'openapi':
      return describeTypes(server, target.path);
    case 'resource':
      return err(methodNotAllowed());
  }
}

/** Handlers that stand beside the router look at no method. */
function takesAnyMethod({ type }: Target): boolean {
  return type === 'health' || type === 'groups' || type === 'group' || type === 'root';
}

/** Upstream's last handler is Go's own, which knows nothing of Status. */
function pageNotFound(): Outcome<ApiResponse> {
  return ok({ type: 'text', code: 404, warnings: [], body: '404 page not found\n' });
}

function describeTypes(server: ServerContext, path: string): Outcome<ApiResponse> {
  const { scheme, schema } = server;
  if (path === 'v3') return document(openApiIndex(scheme));
  const sources = { schema, docs: loadSchemaDocs() };
  if (path === 'v2') return document(openApiV2(sources, scheme));
  const found = path.startsWith('v3/') ? openApiV3(sources, scheme, path.slice('v3/'.length)) : undefined;
  return found === undefined ? pageNotFound() : document(found);
}

function versionDocument(): JsonObject {
  const { major, minor, gitVersion, minCompatibilityMinor } = kubernetesVersion;
  return {
    major,
    minor,
    emulationMajor: major,
    emulationMinor: minor,
    minCompatibilityMajor: major,
    minCompatibilityMinor,
    gitVersion,
    gitTreeState: 'clean',
    compiler: 'gc',
    platform: 'linux/amd64',
  };
}

function handleResource(call: Call, target: ResourceTarget): Outcome<ApiResponse> {
  const { subresource } = call;
  const { custom } = call.kind;
  if (custom?.deprecation !== undefined) call.warnings.push(custom.deprecation);
  if (custom?.isTerminating === true && call.request.method === 'POST') {
    const refusal = methodNotAllowed();
    const message = 'create not allowed while custom resource definition is terminating';
    return err({ ...refusal, body: { ...refusal.body, message } });
  }
  if (subresource === 'log') {
    return call.request.method === 'GET' ? readLogs(call) : err(methodNotAllowed());
  }
  const isStream = subresource === 'exec' || subresource === 'attach' || subresource === 'portforward';
  if (isStream && call.request.method !== 'GET' && call.request.method !== 'POST') {
    return err(methodNotAllowed());
  }
  if (subresource === 'exec' || subresource === 'attach') return openSession(call, subresource);
  if (subresource === 'portforward') return openPortForward(call);
  const form = negotiateOutput(call.request, target.name === '');
  if (!form.ok) return form;
  if (subresource === 'binding' || subresource === 'eviction') {
    if (call.request.method !== 'POST') return err(methodNotAllowed());
    return answer(call, subresource === 'binding' ? bindPod(call) : evictPod(call));
  }
  if (subresource === 'token') {
    return call.request.method === 'POST' ? reviewed(call, requestToken(call)) : err(methodNotAllowed());
  }
  if (subresource === 'scale') {
    const scale = handleScale(call);
    return scale.ok ? answer(call, ok({ code: 200, body: scale.value })) : scale;
  }
  if (!isServed(call)) return err(methodNotAllowed());
  if (call.kind.group === '' && call.kind.plural === 'endpoints') {
    call.warnings.push('v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice');
  }
  return target.name === '' ? handleCollection(call, form.value) : handleObject(call, form.value);
}

const collectionVerbs = new Map([
  ['GET', 'list'],
  ['POST', 'create'],
  ['DELETE', 'deletecollection'],
]);
const objectVerbs = new Map([
  ['GET', 'get'],
  ['PUT', 'update'],
  ['PATCH', 'patch'],
  ['DELETE', 'delete'],
]);

/** Whether the kind has the verb, and the path may carry it: across namespaces there is only reading. */
function isServed(call: Call): boolean {
  const { method } = call.request;
  const verb = (call.name === '' ? collectionVerbs : objectVerbs).get(method);
  if (verb === undefined || !call.kind.verbs.includes(verb)) return false;
  if (call.subresource === 'finalize') return method === 'PUT';
  if (call.name !== '') return call.subresource === '' || method !== 'DELETE';
  return method === 'GET' || !call.kind.namespaced || call.namespace !== '';
}

function handleCollection(call: Call, form: OutputForm): Outcome<ApiResponse> {
  switch (call.request.method) {
    case 'GET': {
      if (isQueryTrue(call.request, 'watch')) return watchObjects(call, form);
      const list = listObjects(call, form);
      return list.ok ? answer(call, ok({ code: 200, body: list.value })) : list;
    }
    case 'POST': {
      if (isReview(call.kind)) return reviewed(call, createReview(call));
      const created = createFromBody(call);
      if (!created.ok) return created;
      const body = formatObject(form, call.kind, created.value, call.server.queue.now());
      return answer(call, ok({ code: 201, body }));
    }
    case 'DELETE': {
      const selection = parseSelection(call.request, call.kind);
      if (!selection.ok) return selection;
      const objects = selectedObjects(call, selection.value);
      const list = listObjects(call, form);
      if (!list.ok) return list;
      const deleted = deleteEach(call, objects);
      return deleted.ok ? answer(call, ok({ code: 200, body: list.value })) : deleted;
    }
    default:
      return err(methodNotAllowed());
  }
}

function reviewed(call: Call, outcome: Outcome<JsonObject>): Outcome<ApiResponse> {
  return outcome.ok ? answer(call, ok({ code: 201, body: outcome.value })) : outcome;
}

function handleObject(call: Call, form: OutputForm): Outcome<ApiResponse> {
  switch (call.request.method) {
    case 'GET': {
      const refusal = refuseRevision(call.request, call.server.store.revision());
      if (refusal !== undefined) return err(refusal);
      const object = storedObject(call);
      if (object === undefined) return err(notFound(call.kind, call.name));
      const body = formatObject(form, call.kind, object, call.server.queue.now());
      return answer(call, ok({ code: 200, body }));
    }
    case 'PUT':
      return updated(call, form, updateFromBody(call));
    case 'PATCH':
      return updated(call, form, patchObject(call));
    case 'DELETE':
      return answer(call, deleteObject(call));
    default:
      return err(methodNotAllowed());
  }
}

function updated(call: Call, form: OutputForm, outcome: Outcome<Updated>): Outcome<ApiResponse> {
  if (!outcome.ok) return outcome;
  const { object, isNew } = outcome.value;
  const body = formatObject(form, call.kind, object, call.server.queue.now());
  return answer(call, ok({ code: isNew ? 201 : 200, body }));
}

function answer(
  call: Call,
  outcome: Outcome<{ readonly code: number; readonly body: JsonObject }>,
): Outcome<ApiResponse> {
  if (!outcome.ok) return outcome;
  return ok({ type: 'object', ...outcome.value, warnings: [...new Set(call.warnings)] });
}
