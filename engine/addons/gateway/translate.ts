/**
 * From all objects to all that follows from them: statuses, and each Gateway's configuration. What is remembered between two
 * runs only spares work: routes that stayed as they are are not read and judged again. Source: envoyproxy/gateway, internal/gatewayapi/translator.go, status/{gatewayclass,gateway}.go.
 */
import { struct, structs, text } from '../../api/read.ts';
import type { Deployment, Service } from '../../api/types/kinds.ts';
import type { Resource } from '../../api/types/resources.ts';
import type { KubeObject } from '../../api/types/wire.ts';
import { deepFreeze, type JsonObject, jsonEqual } from '../../base/json.ts';
import { type AttachableGateway, attachRoute, type NamespaceLabels, type ParentOutcome } from './attach.ts';
import { Conditions, conditionsOf, generationOf } from './conditions.ts';
import type { GatewayConfiguration } from './configuration.ts';
import { configureListener, type Listener, readListeners } from './listeners.ts';
import { type ReferenceView, resolveBackend } from './references.ts';
import { gatewayClasses, gatewayGroup, gateways, grpcRoutes, httpRoutes, tlsRoutes } from './resources.ts';
import type { RuleReader } from './rule-cache.ts';
import type { Attachment, SettledRoutes } from './settled-routes.ts';

/** The name that GatewayClasses call this controller by. */
export const controllerName = 'gateway.envoyproxy.io/gatewayclass-controller';

/** All that is looked at. */
export interface TranslationView extends ReferenceView {
  readonly readRules: RuleReader;
  readonly settledRoutes: SettledRoutes;
  readonly classes: readonly JsonObject[];
  readonly gateways: readonly JsonObject[];
  readonly httpRoutes: readonly JsonObject[];
  readonly grpcRoutes: readonly JsonObject[];
  readonly tlsRoutes: readonly JsonObject[];
  readonly namespaceLabels: NamespaceLabels;
  /** The proxies of a Gateway, by their common name. */
  proxyOf(gateway: JsonObject): {
    readonly service: Service | undefined;
    readonly deployment: Deployment | undefined;
  };
  readonly nowTimestamp: string;
}

/** What an object's status should be. */
export interface StatusUpdate {
  readonly resource: Resource<KubeObject>;
  readonly object: JsonObject;
  readonly status: JsonObject;
}

/** See the head of this file. */
export interface Translation {
  readonly statuses: readonly StatusUpdate[];
  /** Of the Gateways that are served, in order of their names. */
  readonly gateways: readonly { readonly object: JsonObject; readonly configuration: GatewayConfiguration }[];
}

interface OwnGateway extends AttachableGateway {
  readonly object: JsonObject;
  readonly listeners: readonly Listener[];
}

/** Translates everything. */
export function translate(view: TranslationView): Translation {
  const statuses: StatusUpdate[] = [];
  const accepted = new Set<string>();
  for (const object of view.classes) {
    const spec = struct(object, 'spec');
    if (text(spec, 'controllerName') !== controllerName) continue;
    const conditions = new Conditions();
    if (Object.hasOwn(spec, 'parametersRef'))
      conditions.set('Accepted', false, 'InvalidParameters', 'Invalid parametersRef');
    else {
      conditions.set('Accepted', true, 'Accepted', 'Valid GatewayClass');
      accepted.add(text(struct(object, 'metadata'), 'name'));
    }
    statuses.push({
      resource: gatewayClasses,
      object,
      status: { conditions: toStatus(view, object, struct(object, 'status'), conditions), supportedFeatures },
    });
  }
  const own = view.gateways
    .filter((object) => accepted.has(text(struct(object, 'spec'), 'gatewayClassName')))
    .filter((object) => text(struct(object, 'metadata'), 'deletionTimestamp') === '')
    .map((object): OwnGateway => {
      const metadata = struct(object, 'metadata');
      const namespace = text(metadata, 'namespace');
      const listeners = readListeners(view, { namespace, spec: struct(object, 'spec') });
      return { object, namespace, name: text(metadata, 'name'), listeners };
    });
  view.settledRoutes.begin(own);
  for (const object of view.httpRoutes) statuses.push(...translateHttp(view, own, httpRoutes, object));
  for (const object of view.grpcRoutes) statuses.push(...translateHttp(view, own, grpcRoutes, object));
  for (const object of view.tlsRoutes) statuses.push(...translateTls(view, own, object));
  const configured = own.map(({ object, namespace, name, listeners }) => {
    const ready = listeners.filter(({ isReady }) => isReady).map(configureListener);
    return {
      object,
      configuration: deepFreeze({ gateway: `${namespace}/${name}`, listeners: ready }),
    };
  });
  for (const gateway of own) statuses.push(gatewayStatus(view, gateway));
  return { statuses, gateways: configured };
}

function translateHttp(
  view: TranslationView,
  own: readonly OwnGateway[],
  resource: Resource<KubeObject>,
  object: JsonObject,
): readonly StatusUpdate[] {
  const metadata = struct(object, 'metadata');
  const spec = struct(object, 'spec');
  const route = {
    kind: resource.kind === 'GRPCRoute' ? ('GRPCRoute' as const) : ('HTTPRoute' as const),
    namespace: text(metadata, 'namespace'),
    name: text(metadata, 'name'),
    createdAt: text(metadata, 'creationTimestamp'),
    spec,
  };
  const rules = view.readRules(view, object, route);
  const all = own.flatMap(({ listeners }) => listeners);
  const take = (listener: Listener | undefined, hostnames: readonly string[]) => {
    if (listener === undefined) return;
    listener.attachedRoutes += 1;
    if (!listener.isReady) return;
    for (const hostname of hostnames) listener.routes.push(...rules.entriesFor(hostname));
  };
  const judged = { object, rules, labels: view.namespaceLabels(route.namespace) };
  const settled = view.settledRoutes.find(judged);
  if (settled !== undefined) {
    for (const { at, hostnames } of settled) take(all[at], hostnames);
    return [];
  }
  const attachments: Attachment[] = [];
  const outcomes = attachRoute({ ...route, rules }, own, view.namespaceLabels, (listener, hostnames) => {
    attachments.push({ at: all.indexOf(listener), hostnames });
    take(listener, hostnames);
  });
  const updates = routeStatus(view, resource, object, outcomes);
  if (updates.every((update) => jsonEqual(object.status, update.status)))
    view.settledRoutes.keep(judged, attachments);
  return updates;
}

function translateTls(
  view: TranslationView,
  own: readonly OwnGateway[],
  object: JsonObject,
): readonly StatusUpdate[] {
  const metadata = struct(object, 'metadata');
  const namespace = text(metadata, 'namespace');
  const name = text(metadata, 'name');
  const spec = struct(object, 'spec');
  const from = { kind: 'TLSRoute', namespace };
  const backends = structs(spec, 'rules').flatMap((rule) =>
    structs(rule, 'backendRefs').map((reference) => resolveBackend(view, from, reference)),
  );
  const problems = backends.flatMap(({ problem }) => problem ?? []);
  const [first] = problems;
  const message = problems.map((problem) => problem.message).join('\n');
  const rules = {
    refused: [],
    ...(first === undefined ? {} : { unresolved: { reason: first.reason, message } }),
  };
  const outcomes = attachRoute({ ...from, spec, rules }, own, view.namespaceLabels, (listener, hostnames) => {
    listener.attachedRoutes += 1;
    if (listener.isReady) listener.tlsRoutes.push({ namespace, name, hostnames, backends });
  });
  return routeStatus(view, tlsRoutes, object, outcomes);
}

/** The parents of other controllers stay as they are. */
function routeStatus(
  view: TranslationView,
  resource: Resource<KubeObject>,
  object: JsonObject,
  outcomes: readonly ParentOutcome[],
): readonly StatusUpdate[] {
  const before = structs(struct(object, 'status'), 'parents');
  const foreign = before.filter((parent) => text(parent, 'controllerName') !== controllerName);
  if (outcomes.length === 0 && foreign.length === before.length) return [];
  const parents = outcomes.map(({ parentRef, conditions }) => {
    const known = before.find(
      (parent) =>
        text(parent, 'controllerName') === controllerName &&
        JSON.stringify(struct(parent, 'parentRef')) === JSON.stringify(parentRef),
    );
    return { parentRef, controllerName, conditions: toStatus(view, object, known ?? {}, conditions) };
  });
  return [{ resource, object, status: { parents: [...foreign, ...parents] } }];
}

function gatewayStatus(view: TranslationView, { object, listeners }: OwnGateway): StatusUpdate {
  const status = struct(object, 'status');
  const { service, deployment } = view.proxyOf(object);
  const conditions = new Conditions();
  const invalid = listeners.filter(({ isReady }) => !isReady).length;
  if (invalid === 0)
    conditions.set('Accepted', true, 'Accepted', 'The Gateway has been scheduled by Envoy Gateway');
  else {
    const message = `${invalid} of ${listeners.length} listeners are not valid`;
    conditions.set('Accepted', invalid < listeners.length, 'ListenersNotValid', message);
  }
  const addresses = addressesOf(struct(object, 'spec'), service);
  const available = deployment?.status?.availableReplicas ?? 0;
  const replicas = deployment?.status?.replicas ?? 0;
  if (addresses.length === 0) {
    const message = 'No addresses have been assigned to the Gateway';
    conditions.set('Programmed', false, 'AddressNotAssigned', message);
  } else if (available === 0)
    conditions.set('Programmed', false, 'NoResources', 'Envoy replicas unavailable');
  else {
    const message = `Address assigned to the Gateway, ${available}/${replicas} envoy replicas available`;
    conditions.set('Programmed', true, 'Programmed', message);
  }
  return {
    resource: gateways,
    object,
    status: {
      ...(addresses.length === 0
        ? {}
        : { addresses: addresses.map((value) => ({ type: 'IPAddress', value })) }),
      conditions: toStatus(view, object, status, conditions),
      listeners: listeners.map((listener) => ({
        attachedRoutes: listener.attachedRoutes,
        conditions: toStatus(
          view,
          object,
          structs(status, 'listeners').find((known) => text(known, 'name') === listener.name) ?? {},
          listener.conditions,
        ),
        name: listener.name,
        supportedKinds: listener.supportedKinds.map((kind) => ({ group: gatewayGroup, kind })),
      })),
    },
  };
}

/** Addresses that were asked for, else what the balancer of the Service has. */
function addressesOf(spec: JsonObject, service: Service | undefined): readonly string[] {
  if (service === undefined) return [];
  if (requestedAddresses(spec).length > 0) return service.spec?.externalIPs ?? [];
  return (service.status?.loadBalancer?.ingress ?? []).flatMap(({ ip }) => ip ?? []);
}

/** IP addresses that a Gateway asks for. */
export function requestedAddresses(spec: JsonObject): readonly string[] {
  return structs(spec, 'addresses')
    .filter((address) => (text(address, 'type') || 'IPAddress') === 'IPAddress')
    .flatMap((address) => text(address, 'value') || []);
}

function toStatus(
  view: TranslationView,
  object: JsonObject,
  before: JsonObject,
  conditions: Conditions,
): readonly JsonObject[] {
  const generation = generationOf(struct(object, 'metadata'));
  return conditions.toStatus(conditionsOf(before), generation, view.nowTimestamp);
}

/** What is simulated of the features that conformance profiles name. Source: gateway-api, pkg/features. */
const supportedFeatures: readonly JsonObject[] = [
  'GRPCRoute',
  'Gateway',
  'GatewayHTTPListenerIsolation',
  'GatewayPort8080',
  'GatewayStaticAddresses',
  'HTTPRoute',
  'HTTPRouteBackendRequestHeaderModification',
  'HTTPRouteBackendTimeout',
  'HTTPRouteCORS',
  'HTTPRouteDestinationPortMatching',
  'HTTPRouteHostRewrite',
  'HTTPRouteMethodMatching',
  'HTTPRouteParentRefPort',
  'HTTPRoutePathRedirect',
  'HTTPRoutePathRewrite',
  'HTTPRoutePortRedirect',
  'HTTPRouteQueryParamMatching',
  'HTTPRouteRequestMirror',
  'HTTPRouteRequestMultipleMirrors',
  'HTTPRouteRequestPercentageMirror',
  'HTTPRouteRequestTimeout',
  'HTTPRouteResponseHeaderModification',
  'HTTPRouteSchemeRedirect',
  'ReferenceGrant',
  'TLSRoute',
].map((name) => ({ name }));
