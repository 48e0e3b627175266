/**
 * Why a request did not go where it should through a Gateway: its class or itself is not ready, the route is not attached, no
 * rule takes the request or another one does, or what the rule points at can't be asked. Which rule won is the proxies' own
 * finding.
 */
import { struct, structs, text, texts } from '../api/read.ts';
import { type Resource, services } from '../api/types/resources.ts';
import { isJsonObject, type JsonObject } from '../base/json.ts';
import type { PacketTrace } from '../net/trace.ts';
import type { Cause, ObjectName, TrafficShare } from './cause.ts';
import type { ExplainView, GatewayRule } from './explain.ts';
import { explainBehindProxy } from './explain-probe.ts';
import { explainNoEndpoints, hasEndpoints } from './explain-service.ts';

/** A request that was answered by a Gateway, but not as it should, or a Gateway that can't be asked. */
export interface AskedGateway {
  readonly namespace: string;
  readonly name: string;
  /** Absent: only the Gateway itself is looked at. */
  readonly request?: {
    readonly host: string;
    readonly method: string;
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly port: number;
    /** The status of the answer. */
    readonly status: number;
    readonly wantedStatus?: number;
  };
  /** Where many requests were made and too few or too many went to the wanted Pods. */
  readonly share?: TrafficShare;
  /** All packets of the request, those behind the proxy among them. */
  readonly packets?: readonly PacketTrace[];
  /** Labels of the Pod that should have answered, with its namespace. */
  readonly wanted?: { readonly labels: Readonly<Record<string, string>>; readonly namespace: string };
}

type GatewayRequest = NonNullable<AskedGateway['request']>;

const group = 'gateway.networking.k8s.io';

function kindOf(kind: string, plural: string, namespaced = true): Resource<JsonObject> {
  return { group, version: 'v1', plural, kind, namespaced };
}

const gatewayClasses = kindOf('GatewayClass', 'gatewayclasses', false);
const gateways = kindOf('Gateway', 'gateways');
const routeKinds = [kindOf('HTTPRoute', 'httproutes'), kindOf('GRPCRoute', 'grpcroutes')];

/** Why, or undefined when the Gateway did what its routes say. */
export function explainGateway(view: ExplainView, asked: AskedGateway): Cause | undefined {
  const gateway = list(view, gateways).find((object) => isNamed(object, asked));
  if (gateway === undefined) return undefined;
  const unready = explainUnready(view, gateway);
  if (unready !== undefined || asked.request === undefined) return unready;
  const { request, wanted } = asked;
  const meant = wanted === undefined ? [] : servicesOf(view, wanted);
  const routing = view.gatewayRouting(`${asked.namespace}/${asked.name}`, request);
  const won = routing.rules.find(({ because }) => because === '');
  const goesRight = won?.services.some((service) => meant.some((other) => isSame(service, other))) === true;
  if (won !== undefined && request.wantedStatus === 404 && request.status !== 404)
    return explainTaken(request, won);
  if (won !== undefined && (goesRight || meant.length === 0))
    return explainBackends(view, won) ?? explainWeights(asked, won) ?? explainUpstream(view, asked, won);
  const detached = explainDetached(view, asked, gateway, meant);
  if (detached !== undefined) return detached;
  const lost = routing.rules.find(
    (rule) => rule !== won && rule.services.some((service) => meant.some((other) => isSame(service, other))),
  );
  const name = objectOf('Gateway', gateway);
  if (won !== undefined) {
    return {
      code: 'gateway-rule-won',
      path: request.path,
      route: won.route,
      rule: won.text,
      services: won.services.map((service) => service.name),
      ...(lost === undefined ? {} : { lost: { route: lost.route, rule: lost.text, because: lost.because } }),
    };
  }
  if (request.status !== 404) return undefined;
  const ofHost = routing.rules.filter(({ because }) => because !== 'host');
  if (ofHost.length === 0)
    return { code: 'gateway-host-missing', gateway: name, host: request.host, hostnames: routing.hostnames };
  return {
    code: 'gateway-rule-missing',
    gateway: name,
    host: request.host,
    path: request.path,
    rules: ofHost.map((rule) => `${rule.text} (${rule.because})`),
  };
}

function explainUnready(view: ExplainView, gateway: JsonObject): Cause | undefined {
  const className = text(struct(gateway, 'spec'), 'gatewayClassName');
  const classes = list(view, gatewayClasses);
  const gatewayClass = classes.find((object) => text(struct(object, 'metadata'), 'name') === className);
  const name = objectOf('Gateway', gateway);
  const accepted =
    gatewayClass === undefined ? undefined : conditionOf(struct(gatewayClass, 'status'), 'Accepted');
  if (gatewayClass === undefined || text(accepted ?? {}, 'status') !== 'True') {
    return {
      code: 'gateway-class-not-accepted',
      gateway: name,
      className,
      classes: classes.map((object) => text(struct(object, 'metadata'), 'name')),
      isThere: gatewayClass !== undefined,
    };
  }
  for (const type of ['Accepted', 'Programmed']) {
    const condition = conditionOf(struct(gateway, 'status'), type);
    if (condition !== undefined && text(condition, 'status') === 'True') continue;
    const [reason, message] = [text(condition ?? {}, 'reason'), text(condition ?? {}, 'message')];
    return { code: 'gateway-not-ready', gateway: name, condition: type, reason, message };
  }
  return undefined;
}

/** A route that should have taken the request, and that the Gateway did not take. */
function explainDetached(
  view: ExplainView,
  asked: AskedGateway,
  gateway: JsonObject,
  meant: readonly { readonly namespace: string; readonly name: string }[],
): Cause | undefined {
  for (const resource of routeKinds) {
    for (const object of list(view, resource)) {
      const route = objectOf(resource.kind, object);
      const spec = struct(object, 'spec');
      const isMeant = meant.length === 0 ? isForHost(spec, asked) : pointsAt(spec, route.namespace, meant);
      if (!isMeant) continue;
      const references = structs(spec, 'parentRefs');
      const own = references.filter(
        (reference) =>
          text(reference, 'name') === asked.name &&
          (text(reference, 'namespace') || route.namespace) === asked.namespace,
      );
      if (own.length === 0) {
        const parents = references.map(
          (reference) => `${text(reference, 'namespace') || route.namespace}/${text(reference, 'name')}`,
        );
        return { code: 'route-names-other-parent', route, gateway: objectOf('Gateway', gateway), parents };
      }
      const refused = structs(struct(object, 'status'), 'parents')
        .filter((parent) => text(struct(parent, 'parentRef'), 'name') === asked.name)
        .map((parent) => conditionOf(parent, 'Accepted'))
        .find((condition) => text(condition ?? {}, 'status') === 'False');
      if (refused === undefined) continue;
      return {
        code: 'route-not-attached',
        route,
        gateway: objectOf('Gateway', gateway),
        reason: text(refused, 'reason'),
        message: text(refused, 'message'),
        listeners: structs(struct(gateway, 'spec'), 'listeners').map(describeListener),
      };
    }
  }
  return undefined;
}

/** What a listener lets attach: `http (port 80, *.example.com): namespaces Same`. */
function describeListener(listener: JsonObject): string {
  const hostname = text(listener, 'hostname');
  const allowed = struct(listener, 'allowedRoutes');
  const kinds = structs(allowed, 'kinds').map((kind) => text(kind, 'kind'));
  const from = text(struct(allowed, 'namespaces'), 'from') || 'Same';
  const about = [`port ${String(listener.port)}`, ...(hostname === '' ? [] : [hostname])].join(', ');
  return `${text(listener, 'name')} (${about}): namespaces ${from}${kinds.length === 0 ? '' : `, kinds ${kinds.join(', ')}`}`;
}

function isForHost(spec: JsonObject, { request }: AskedGateway): boolean {
  const hostnames = texts(spec, 'hostnames');
  const host = request?.host ?? '';
  return hostnames.some((hostname) => hostname === host || host.endsWith(hostname.replace(/^\*/, '')));
}

function pointsAt(
  spec: JsonObject,
  namespace: string,
  meant: readonly { readonly namespace: string; readonly name: string }[],
): boolean {
  return structs(spec, 'rules')
    .flatMap((rule) => structs(rule, 'backendRefs'))
    .some((reference) =>
      meant.some((service) =>
        isSame(service, {
          namespace: text(reference, 'namespace') || namespace,
          name: text(reference, 'name'),
        }),
      ),
    );
}

function explainBackends(view: ExplainView, won: GatewayRule): Cause | undefined {
  const problem = won.services.find((service) => service.problem !== '')?.problem ?? won.problem;
  if (problem !== '') return { code: 'route-backend-refused', route: won.route, rule: won.text, problem };
  for (const { namespace, name } of won.services) {
    const service = view.list(services, namespace).find(({ metadata }) => metadata.name === name);
    if (service !== undefined && !hasEndpoints(view, service)) return explainNoEndpoints(view, service);
  }
  return undefined;
}

function explainTaken(
  { host, path }: GatewayRequest,
  { route, text: rule, services: sent }: GatewayRule,
): Cause {
  return {
    code: 'gateway-rule-took',
    host,
    path,
    route,
    rule,
    services: sent.map(({ name }) => name),
    // A rule's text begins with its hostname where it has one.
    isForEveryHost: /^(?:Exact|PathPrefix|RegularExpression) /.test(rule),
  };
}

/** The wanted Pods are among those that a rule shares its requests among. */
function explainWeights({ wanted, request, share }: AskedGateway, won: GatewayRule): Cause | undefined {
  const isShared = won.services.length > 1 || share !== undefined;
  if (wanted === undefined || !isShared || (request?.status ?? 0) >= 400) return undefined;
  return {
    code: 'gateway-weights',
    path: request?.path ?? '',
    route: won.route,
    rule: won.text,
    backends: won.services.map(({ name, weight }) => ({ service: name, weight })),
    ...(share === undefined ? {} : { share }),
  };
}

/** The proxy got no answer from the Service that it asked. */
function explainUpstream(view: ExplainView, asked: AskedGateway, won: GatewayRule): Cause | undefined {
  if (![502, 503, 504].includes(asked.request?.status ?? 0)) return undefined;
  for (const { namespace, name, port } of won.services) {
    const cause = explainBehindProxy(view, asked.packets ?? [], { namespace, name, port });
    if (cause !== undefined) return cause;
  }
  return undefined;
}

/** Services that select a Pod with these labels. */
function servicesOf(
  view: ExplainView,
  wanted: NonNullable<AskedGateway['wanted']>,
): readonly { readonly namespace: string; readonly name: string }[] {
  return view
    .list(services, wanted.namespace)
    .filter(({ spec }) => {
      const selector = Object.entries(spec?.selector ?? {});
      return selector.length > 0 && selector.every(([key, value]) => wanted.labels[key] === value);
    })
    .map(({ metadata }) => ({ namespace: metadata.namespace ?? '', name: metadata.name }));
}

function list(view: ExplainView, resource: Resource<JsonObject>): readonly JsonObject[] {
  return view.list(resource).filter(isJsonObject);
}

function conditionOf(status: JsonObject, type: string): JsonObject | undefined {
  return structs(status, 'conditions').find((condition) => text(condition, 'type') === type);
}

function objectOf(kind: string, object: JsonObject): ObjectName {
  const metadata = struct(object, 'metadata');
  return { kind, namespace: text(metadata, 'namespace'), name: text(metadata, 'name') };
}

function isNamed(object: JsonObject, name: { readonly namespace: string; readonly name: string }): boolean {
  return isSame(objectOf('', object), name);
}

function isSame(
  a: { readonly namespace: string; readonly name: string },
  b: { readonly namespace: string; readonly name: string },
): boolean {
  return a.namespace === b.namespace && a.name === b.name;
}
