/**
 * The controller without a cluster: manifests in, configuration and statuses out, requests decided by it. Every Service that
 * is named has one endpoint whose address says whose it is.
 */
import { parseAllDocuments } from 'yaml';
import { number, struct, structs, text, textMap } from '../../../api/read.ts';
import type { EndpointSlice, Secret, Service } from '../../../api/types/kinds.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../base/json.ts';
import { decide, type Verdict } from '../decide.ts';
import { createRuleReader } from '../rule-cache.ts';
import { createSettledRoutes } from '../settled-routes.ts';
import { controllerName, type Translation, type TranslationView, translate } from '../translate.ts';

/** A request as a test writes it. */
export interface DeskRequest {
  readonly gateway?: string;
  readonly method?: string;
  /** With its query. */
  readonly path?: string;
  readonly host?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly port?: number;
  readonly chance?: number;
}

/** Where the requests of a test go unless it says otherwise. */
export const infra = 'gateway-conformance-infra';

/** See the head of this file. */
export interface Desk {
  readonly translation: Translation;
  send(request: DeskRequest): Verdict;
  /** The name of the Service that is asked, or the status of the proxy's own answer. */
  outcome(request: DeskRequest): string | number;
  /** A condition as `Status Reason`, of a parent of a route or of a Gateway. */
  routeCondition(name: string, type: string, kind?: string): string | undefined;
  gatewayStatus(name: string): JsonObject;
  listenerCondition(gateway: string, listener: string, type: string): string | undefined;
}

/** Secrets and Services of a desk. */
export interface DeskOptions {
  readonly secrets?: readonly JsonObject[];
  /** `namespace/name`, each with port 8080. */
  readonly services?: readonly string[];
  /** Services without endpoints. */
  readonly empty?: readonly string[];
}

const usualServices = ['infra-backend-v1', 'infra-backend-v2', 'infra-backend-v3'].map(
  (name) => `${infra}/${name}`,
);

/** Translates manifests. A GatewayClass `eg` is there. */
export function createDesk(manifests: string, options: DeskOptions = {}): Desk {
  const documents = parseAllDocuments(manifests).flatMap((document) => {
    const value: unknown = document.toJS();
    return isJsonObject(value) ? [withNamespace(value)] : [];
  });
  const services = [...usualServices, ...(options.services ?? []), ...(options.empty ?? [])];
  const of = (kind: string) => documents.filter((document) => document.kind === kind);
  const namespaces = new Map(
    of('Namespace').map((object) => {
      const metadata = struct(object, 'metadata');
      return [text(metadata, 'name'), Object.fromEntries(textMap(metadata, 'labels'))] as const;
    }),
  );
  const view: TranslationView = {
    readRules: createRuleReader(),
    settledRoutes: createSettledRoutes(),
    classes: [
      {
        metadata: { name: 'eg', generation: 1 },
        spec: { controllerName },
      },
      ...of('GatewayClass'),
    ],
    gateways: of('Gateway'),
    httpRoutes: of('HTTPRoute'),
    grpcRoutes: of('GRPCRoute'),
    tlsRoutes: of('TLSRoute'),
    grants: of('ReferenceGrant'),
    namespaceLabels: (name) => namespaces.get(name) ?? {},
    service: (namespace, name) => {
      const key = `${namespace}/${name}`;
      return services.includes(key) ? serviceOf(namespace, name) : undefined;
    },
    slicesOf: (namespace, name) => {
      const key = `${namespace}/${name}`;
      const at = services.indexOf(key);
      return at < 0 || options.empty?.includes(key) === true ? [] : [sliceOf(`10.244.0.${at + 1}`)];
    },
    secret: (namespace, name) => secretOf(options.secrets ?? [], namespace, name),
    proxyOf: () => ({ service: undefined, deployment: undefined }),
    nowTimestamp: '2026-05-01T09:00:00Z',
  };
  const translation = translate(view);
  const statusOf = (kind: string, name: string) =>
    translation.statuses.find(
      ({ resource, object }) => resource.kind === kind && text(struct(object, 'metadata'), 'name') === name,
    )?.status ?? {};
  const send = (request: DeskRequest): Verdict => {
    const wanted = request.gateway ?? 'same-namespace';
    const gateway = translation.gateways.find(({ configuration }) =>
      configuration.gateway.endsWith(`/${wanted}`),
    );
    if (gateway === undefined) throw new Error(`no gateway ${wanted}`);
    const [hostOnly = ''] = (request.host ?? 'example.com').split(':');
    const port = request.port ?? 80;
    return decide(gateway.configuration, {
      method: request.method ?? 'GET',
      target: request.path ?? '/',
      scheme: port === 443 ? 'https' : 'http',
      host: hostOnly,
      headers: [['Host', request.host ?? 'example.com'], ...Object.entries(request.headers ?? {})],
      bodyBytes: 0,
      clientAddress: '198.51.100.10',
      localPort: port < 1024 ? port + 10_000 : port,
      chance: request.chance ?? 0.5,
      requestId: '00000000-0000-4000-8000-000000000000',
    });
  };
  return {
    translation,
    send,
    outcome(request) {
      const { action } = send(request);
      return action.kind === 'respond' ? action.status : (action.upstream.split(/[/:]/)[1] ?? '');
    },
    routeCondition(name, type, kind = 'HTTPRoute') {
      const [parent = {}] = structs(statusOf(kind, name), 'parents');
      return conditionText(parent, type);
    },
    gatewayStatus: (name) => statusOf('Gateway', name),
    listenerCondition(gateway, listener, type) {
      const found = structs(statusOf('Gateway', gateway), 'listeners').find(
        (status) => text(status, 'name') === listener,
      );
      return found === undefined ? undefined : conditionText(found, type);
    },
  };
}

function conditionText(status: JsonObject, type: string): string | undefined {
  const found = structs(status, 'conditions').find((condition) => text(condition, 'type') === type);
  return found === undefined ? undefined : `${text(found, 'status')} ${text(found, 'reason')}`;
}

function withNamespace(object: JsonObject): JsonObject {
  const metadata = struct(object, 'metadata');
  const filled: JsonObject = {
    namespace: infra,
    generation: 1,
    creationTimestamp: '2026-05-01T09:00:00Z',
    ...metadata,
  };
  return { ...object, metadata: filled };
}

function isService(value: JsonValue): value is JsonObject & Service {
  return isJsonObject(value) && value.kind === 'Service';
}

function serviceOf(namespace: string, name: string): Service | undefined {
  const object: JsonValue = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { namespace, name, uid: name, resourceVersion: '1', creationTimestamp: '' },
    spec: { ports: [{ name: 'http', port: 8080, protocol: 'TCP' }] },
  };
  return isService(object) ? object : undefined;
}

function sliceOf(address: string): EndpointSlice {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: address, uid: address, resourceVersion: '1', creationTimestamp: '' },
    addressType: 'IPv4',
    ports: [{ name: 'http', port: 3000, protocol: 'TCP' }],
    endpoints: [{ addresses: [address], conditions: { ready: true } }],
  };
}

function isSecret(value: JsonObject): value is JsonObject & Secret {
  return value.kind === 'Secret';
}

function secretOf(secrets: readonly JsonObject[], namespace: string, name: string): Secret | undefined {
  const found = secrets.find((secret) => {
    const metadata = struct(secret, 'metadata');
    return text(metadata, 'namespace') === namespace && text(metadata, 'name') === name;
  });
  return found !== undefined && isSecret(found) ? found : undefined;
}

/** How many routes a listener says are attached. */
export function attachedRoutes(status: JsonObject, listener: string): number | undefined {
  const found = structs(status, 'listeners').find((one) => text(one, 'name') === listener);
  return found === undefined ? undefined : number(found, 'attachedRoutes');
}
