/**
 * Which listeners a route is attached to, and what its status says of each parent.
 * Source: envoyproxy/gateway, internal/gatewayapi/route.go (processAllowedListenersForParentRefs,
 * processHTTPRouteParentRefs); Gateway API, RouteConditionType. Left out: ListenerSets as parents.
 */
import { selectsLabels } from '../../api/objects/labels.ts';
import { has, number, struct, structs, text, texts } from '../../api/read.ts';
import type { JsonObject } from '../../base/json.ts';
import { Conditions, sentence } from './conditions.ts';
import { intersectHostnames } from './hostnames.ts';
import type { Listener } from './listeners.ts';
import { gatewayGroup } from './resources.ts';
import type { ReadRules } from './rules.ts';

/** A Gateway of ours with its listeners. */
export interface AttachableGateway {
  readonly namespace: string;
  readonly name: string;
  readonly listeners: readonly Listener[];
}

/** A route as its parents look at it. */
export interface AttachedRoute {
  readonly kind: string;
  readonly namespace: string;
  readonly spec: JsonObject;
  readonly rules: Pick<ReadRules, 'refused' | 'refusal' | 'unresolved' | 'unavailable'>;
}

/** What a parent says. */
export interface ParentOutcome {
  readonly parentRef: JsonObject;
  readonly conditions: Conditions;
}

/** Labels of a namespace; undefined when it is not there. */
export type NamespaceLabels = (name: string) => Readonly<Record<string, string>> | undefined;

/**
 * Attaches a route to the listeners that its parentRefs name and that let it. `onAttach` is told each listener with the
 * hostnames that both have in common. Parents that are not among the Gateways are left out.
 */
export function attachRoute(
  route: AttachedRoute,
  gateways: readonly AttachableGateway[],
  labelsOf: NamespaceLabels,
  onAttach: (listener: Listener, hostnames: readonly string[]) => void,
): readonly ParentOutcome[] {
  return structs(route.spec, 'parentRefs').flatMap((parentRef) => {
    const gateway = gateways.find((candidate) => isParent(parentRef, route.namespace, candidate));
    if (gateway === undefined) return [];
    const conditions = new Conditions();
    const allowed = findAllowed(route, parentRef, gateway, labelsOf, conditions);
    judgeRules(route, conditions);
    const wanted = texts(route.spec, 'hostnames');
    let isIntersecting = allowed.length === 0;
    for (const listener of allowed) {
      const hostnames = intersectHostnames(listener.hostname, wanted);
      if (hostnames.length === 0) continue;
      isIntersecting = true;
      onAttach(listener, hostnames);
    }
    if (!isIntersecting) {
      const message = `There were no hostname intersections between the ${route.kind} and this parent ref's Listener(s).`;
      conditions.set('Accepted', false, 'NoMatchingListenerHostname', message);
    }
    return [{ parentRef, conditions }];
  });
}

function isParent(parentRef: JsonObject, routeNamespace: string, gateway: AttachableGateway): boolean {
  return (
    (text(parentRef, 'group') || gatewayGroup) === gatewayGroup &&
    (text(parentRef, 'kind') || 'Gateway') === 'Gateway' &&
    (text(parentRef, 'namespace') || routeNamespace) === gateway.namespace &&
    text(parentRef, 'name') === gateway.name
  );
}

/** The listeners that take the route; the condition Accepted says why there is none. */
function findAllowed(
  route: AttachedRoute,
  parentRef: JsonObject,
  gateway: AttachableGateway,
  labelsOf: NamespaceLabels,
  conditions: Conditions,
): readonly Listener[] {
  const section = text(parentRef, 'sectionName');
  const port = number(parentRef, 'port');
  const selected = gateway.listeners.filter(
    (listener) =>
      (section === '' || listener.name === section) && (port === undefined || listener.port === port),
  );
  const refuse = (reason: string, message: string) => conditions.set('Accepted', false, reason, message);
  if (selected.length === 0) {
    refuse('NoMatchingParent', 'No listeners match this parent ref');
    return [];
  }
  const allowed = selected.filter(
    (listener) => refusalOf(listener, route, gateway.namespace, labelsOf) === undefined,
  );
  if (allowed.length === 0)
    refuse('NotAllowedByListeners', 'No listeners included by this parent ref allowed this attachment.');
  else if (!selected.some(({ isReady }) => isReady))
    refuse('NoReadyListeners', 'There are no ready listeners for this parent ref');
  else conditions.set('Accepted', true, 'Accepted', 'Route is accepted');
  return allowed;
}

/** Why a listener does not let a route attach: its kind, or its namespace. */
function refusalOf(
  listener: Pick<Listener, 'spec' | 'supportedKinds'>,
  route: Pick<AttachedRoute, 'kind' | 'namespace'>,
  gatewayNamespace: string,
  labelsOf: NamespaceLabels,
): 'kind' | 'namespace' | undefined {
  if (!listener.supportedKinds.includes(route.kind)) return 'kind';
  const namespaces = struct(struct(listener.spec, 'allowedRoutes'), 'namespaces');
  const from = text(namespaces, 'from') || 'Same';
  if (from === 'All') return undefined;
  if (from === 'Same') return route.namespace === gatewayNamespace ? undefined : 'namespace';
  if (!has(namespaces, 'selector')) return 'namespace';
  return selectsLabels(struct(namespaces, 'selector'), labelsOf(route.namespace)) ? undefined : 'namespace';
}

function judgeRules(route: AttachedRoute, conditions: Conditions): void {
  const { refused, refusal, unresolved, unavailable } = route.rules;
  if (refusal !== undefined && !conditions.isFalse('Accepted')) {
    const isWhole = refused.length === structs(route.spec, 'rules').length;
    const message = sentence(refusal.message);
    if (isWhole) conditions.set('Accepted', false, refusal.reason, message);
    else {
      const dropped = `Dropped Rule(s) [${refused.join(' ')}]: ${message}`;
      conditions.set('PartiallyInvalid', true, refusal.reason, dropped);
    }
  }
  if (unresolved === undefined) {
    const message = 'Resolved all the Object references for the Route';
    conditions.set('ResolvedRefs', true, 'ResolvedRefs', message);
  } else {
    const message = unresolved.message.split('\n').map(sentence).join('\n');
    conditions.set('ResolvedRefs', false, unresolved.reason, message);
  }
  if (unavailable !== undefined)
    conditions.set('BackendsAvailable', false, unavailable.reason, sentence(unavailable.message));
}
