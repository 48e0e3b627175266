/**
 * What a Gateway's proxies are told when they ask: which ports to listen on, what to do with a request, which certificate to
 * show, where a connection goes that TLS names. It answers from the configuration alone, as a proxy acts by what it was sent.
 */
import { parseCertificates } from '../../base/certificates.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import type { GatewayConfiguration, ListenerConfiguration } from './configuration.ts';
import { chooseBackend, decide, type RequestFacts } from './decide.ts';
import { matchesHostname, mostSpecific } from './hostnames.ts';
import { findListener } from './router.ts';

/** The name under which a proxy's process asks. */
export const gatewayHostService = 'gateway/envoy';

/** The topic that is announced when the configuration of a Gateway changes. */
export function gatewayTopic(gateway: string): string {
  return `${gatewayHostService}/${gateway}`;
}

/** Answers a proxy; null for what can't be answered. */
export function answerProxy(
  configurations: ReadonlyMap<string, GatewayConfiguration>,
  question: JsonValue,
): JsonValue {
  if (!isJsonObject(question)) return null;
  const configuration = configurations.get(String(question.gateway));
  switch (question.ask) {
    case 'ports':
      return configuration === undefined ? [] : portsOf(configuration);
    case 'route':
      return configuration !== undefined && isRequestFacts(question.request)
        ? { ...decide(configuration, question.request) }
        : null;
    case 'tls':
      return configuration === undefined
        ? null
        : answerHello(
            configuration.listeners.filter(({ containerPort }) => containerPort === question.port),
            String(question.serverName ?? '').toLowerCase(),
            Number(question.chance),
          );
    default:
      return null;
  }
}

/** Ports with what is spoken there first. */
function portsOf({ listeners }: GatewayConfiguration): JsonValue {
  const ports = new Map<number, 'http' | 'tls'>();
  for (const { containerPort, protocol } of listeners) {
    if (protocol === 'HTTP') ports.set(containerPort, 'http');
    if (protocol === 'HTTPS' || protocol === 'TLS') ports.set(containerPort, 'tls');
  }
  return [...ports].sort(([a], [b]) => a - b).map(([port, speaks]) => ({ port, speaks }));
}

/**
 * What becomes of a connection that begins with TLS: HTTP behind a certificate, bytes passed on unopened, bytes passed on
 * behind a certificate. Null: no filter chain takes it, and it is closed.
 */
function answerHello(
  listeners: readonly ListenerConfiguration[],
  serverName: string,
  chance: number,
): JsonObject | null {
  const listener = findListener(listeners, serverName);
  if (listener === undefined) return null;
  const certificate = certificateFor(listener, serverName);
  if (listener.protocol === 'HTTPS') return { next: 'http', certificate };
  const hostname = mostSpecific(
    listener.tlsRoutes.flatMap(({ hostnames }) => hostnames),
    serverName,
  );
  const route = listener.tlsRoutes.find(({ hostnames }) => hostnames.some((name) => name === hostname));
  const backend = chooseBackend(route?.backends ?? [], chance);
  if (backend === undefined || backend.endpoints.length === 0) return null;
  const upstream = `tlsroute/${route?.namespace}/${route?.name}/rule/-1`;
  const endpoints = [...backend.endpoints];
  return listener.terminates
    ? { next: 'terminate', certificate, endpoints, upstream }
    : { next: 'pass', endpoints, upstream };
}

/** The certificate that is made for a name, else the first. Source: envoy, DownstreamTlsContext. */
function certificateFor({ certificates }: ListenerConfiguration, serverName: string): string {
  const made = certificates.find((pem) => {
    const [leaf] = parseCertificates(pem) ?? [];
    const names = (leaf?.subjectAltName ?? '')
      .split(', ')
      .flatMap((name) => /^DNS:(.*)$/.exec(name)?.[1] ?? []);
    return names.some((name) => matchesHostname(name, serverName));
  });
  return made ?? certificates[0] ?? '';
}

function isRequestFacts(value: JsonValue | undefined): value is RequestFacts & JsonObject {
  return (
    isJsonObject(value) &&
    typeof value.method === 'string' &&
    typeof value.target === 'string' &&
    typeof value.host === 'string' &&
    typeof value.requestId === 'string' &&
    typeof value.chance === 'number' &&
    Array.isArray(value.headers)
  );
}
