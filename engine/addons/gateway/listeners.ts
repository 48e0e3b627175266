/**
 * Listeners of a Gateway: which can be served, and what their conditions say.
 * Source: envoyproxy/gateway, internal/gatewayapi/{listener,validate}.go; Gateway API, ListenerConditionType.
 */
import { createPrivateKey } from 'node:crypto';
import { number, struct, structs, text } from '../../api/read.ts';
import { parseCertificates } from '../../base/certificates.ts';
import type { JsonObject } from '../../base/json.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { Conditions } from './conditions.ts';
import type { ListenerConfiguration, Problem, RouteEntry, TlsEntry } from './configuration.ts';
import { anyHost } from './hostnames.ts';
import { isGranted, type ReferenceView } from './references.ts';
import { gatewayGroup } from './resources.ts';

/** A listener while routes are attached to it. */
export interface Listener {
  readonly spec: JsonObject;
  readonly name: string;
  readonly port: number;
  readonly protocol: string;
  /** Empty: every host. */
  readonly hostname: string;
  readonly supportedKinds: readonly string[];
  readonly conditions: Conditions;
  readonly certificates: readonly string[];
  /** Whether it can be served. */
  readonly isReady: boolean;
  readonly routes: RouteEntry[];
  readonly tlsRoutes: TlsEntry[];
  attachedRoutes: number;
}

/** Looks at the listeners of a Gateway. */
export function readListeners(
  view: ReferenceView,
  gateway: { readonly namespace: string; readonly spec: JsonObject },
): readonly Listener[] {
  const specs = structs(gateway.spec, 'listeners');
  return specs.map((spec) => {
    const conditions = new Conditions();
    const conflict = findConflict(spec, specs);
    if (conflict !== undefined) {
      conditions.set('Conflicted', true, conflict.reason, conflict.message);
      conditions.set('Accepted', false, conflict.reason, conflict.message);
    }
    const supportedKinds = readKinds(spec, conditions);
    const certificates = readTls(view, gateway.namespace, spec, conditions);
    const isReady = conditions.size === 0;
    completeConditions(conditions);
    return {
      spec,
      name: text(spec, 'name'),
      port: number(spec, 'port') ?? 0,
      protocol: text(spec, 'protocol'),
      hostname: text(spec, 'hostname'),
      supportedKinds,
      conditions,
      certificates,
      isReady,
      routes: [],
      tlsRoutes: [],
      attachedRoutes: 0,
    };
  });
}

function completeConditions(conditions: Conditions): void {
  if (conditions.size === 0) {
    const sending = 'Sending translated listener configuration to the data plane';
    conditions.set('Programmed', true, 'Programmed', sending);
    conditions.set('Accepted', true, 'Accepted', 'Listener has been successfully translated');
    conditions.set('ResolvedRefs', true, 'ResolvedRefs', 'Listener references have been resolved');
    return;
  }
  if (conditions.get('Programmed') === undefined) {
    const message = 'Listener is invalid, see other Conditions for details.';
    conditions.set('Programmed', false, 'Invalid', message);
  }
  if (conditions.get('Accepted') === undefined)
    conditions.set('Accepted', true, 'Accepted', 'Listener has been successfully translated');
  if (conditions.get('ResolvedRefs') === undefined)
    conditions.set('ResolvedRefs', true, 'ResolvedRefs', 'Listener references have been resolved');
}

/** Listeners of one port have to speak compatible protocols, and differ in their hostnames. */
function findConflict(spec: JsonObject, all: readonly JsonObject[]): Problem | undefined {
  const layer4 = ['TCP', 'UDP'];
  const protocol = text(spec, 'protocol');
  const samePort = all.filter((other) => other !== spec && number(other, 'port') === number(spec, 'port'));
  if (layer4.includes(protocol)) {
    const earlier = all.slice(0, all.indexOf(spec));
    const isTaken = earlier.some((other) => samePort.includes(other) && text(other, 'protocol') === protocol);
    const message = `Only one ${protocol} listener is allowed in a given port`;
    return isTaken ? { reason: 'ProtocolConflict', message } : undefined;
  }
  const layer7 = samePort.filter((other) => !layer4.includes(text(other, 'protocol')));
  const isSecure = (listener: JsonObject) => text(listener, 'protocol') !== 'HTTP';
  if (layer7.some((other) => isSecure(other) !== isSecure(spec))) {
    const message = 'All listeners for a given port must use a compatible protocol';
    return { reason: 'ProtocolConflict', message };
  }
  if (layer7.some((other) => text(other, 'hostname') === text(spec, 'hostname'))) {
    const message = 'All listeners for a given port must use a unique hostname';
    return { reason: 'HostnameConflict', message };
  }
  return undefined;
}

/** Kinds of routes that a protocol carries; undefined for one that is not known. */
function kindsOf(spec: JsonObject): readonly string[] | undefined {
  switch (text(spec, 'protocol')) {
    case 'HTTP':
    case 'HTTPS':
      return ['HTTPRoute', 'GRPCRoute'];
    case 'TLS':
      return text(struct(spec, 'tls'), 'mode') === 'Passthrough' ? ['TLSRoute'] : ['TCPRoute', 'TLSRoute'];
    case 'TCP':
      return ['TCPRoute'];
    case 'UDP':
      return ['UDPRoute'];
    default:
      return undefined;
  }
}

function readKinds(spec: JsonObject, conditions: Conditions): readonly string[] {
  const possible = kindsOf(spec);
  if (possible === undefined) {
    const message = `Protocol ${text(spec, 'protocol')} is unsupported, must be HTTP, HTTPS, TCP or UDP.`;
    conditions.set('Accepted', false, 'UnsupportedProtocol', message);
    return [];
  }
  const wanted = structs(struct(spec, 'allowedRoutes'), 'kinds');
  if (wanted.length === 0) return possible;
  const supported: string[] = [];
  for (const entry of wanted) {
    const kind = text(entry, 'kind');
    const group = text(entry, 'group') || gatewayGroup;
    if (group === gatewayGroup && possible.includes(kind)) {
      supported.push(kind);
      continue;
    }
    const message =
      group === gatewayGroup
        ? `${kind} is not supported, kind must be one of [${possible.join(' ')}]`
        : `Group is not supported, group must be ${gatewayGroup}`;
    conditions.set('ResolvedRefs', false, 'InvalidRouteKinds', message);
  }
  return supported;
}

function readTls(
  view: ReferenceView,
  namespace: string,
  spec: JsonObject,
  conditions: Conditions,
): readonly string[] {
  const protocol = text(spec, 'protocol');
  const tls = Object.hasOwn(spec, 'tls') ? struct(spec, 'tls') : undefined;
  const refuse = (reason: string, message: string) => {
    conditions.set('Programmed', false, reason, message);
    return [];
  };
  if (protocol !== 'HTTPS' && protocol !== 'TLS') {
    return tls === undefined
      ? []
      : refuse('Invalid', `Listener must not have TLS set when protocol is ${protocol}.`);
  }
  if (tls === undefined) return refuse('Invalid', `Listener must have TLS set when protocol is ${protocol}.`);
  const mode = text(tls, 'mode') || 'Terminate';
  const references = structs(tls, 'certificateRefs');
  if (mode === 'Passthrough') {
    if (protocol === 'HTTPS') {
      const message = 'TLS Passthrough mode is not supported, TLS mode must be Terminate.';
      return refuse('UnsupportedTLSMode', message);
    }
    const message = 'Listener must not have TLS certificate refs set for TLS mode Passthrough.';
    return references.length > 0 ? refuse('Invalid', message) : [];
  }
  if (references.length === 0) return refuse('Invalid', 'Listener must have at least 1 TLS certificate ref');
  const certificates: string[] = [];
  for (const reference of references) {
    const read = readCertificate(view, namespace, reference);
    if (read.ok) certificates.push(read.value);
    else conditions.set('ResolvedRefs', false, read.error.reason, read.error.message);
  }
  return certificates;
}

/** The PEM text that a certificateRef leads to. */
function readCertificate(
  view: ReferenceView,
  gatewayNamespace: string,
  reference: JsonObject,
): Result<string, Problem> {
  const refuse = (message: string, reason = 'InvalidCertificateRef') => err({ reason, message });
  const kind = text(reference, 'kind') || 'Secret';
  if (text(reference, 'group') !== '')
    return refuse("Listener's TLS certificate ref group must be unspecified/empty.");
  if (kind !== 'Secret') return refuse("Listener's TLS certificate ref kind must be Secret.");
  const namespace = text(reference, 'namespace') || gatewayNamespace;
  const name = text(reference, 'name');
  const to = { group: '', kind, namespace, name };
  const from = { kind: 'Gateway', namespace: gatewayNamespace };
  if (namespace !== gatewayNamespace && !isGranted(view.grants, from, to)) {
    const message = `Certificate ref to secret ${namespace}/${name} not permitted by any ReferenceGrant.`;
    return refuse(message, 'RefNotPermitted');
  }
  const secret = view.secret(namespace, name);
  if (secret === undefined) return refuse(`Secret ${namespace}/${name} does not exist.`);
  if (secret.type !== 'kubernetes.io/tls')
    return refuse(`Secret ${namespace}/${name} must be of type kubernetes.io/tls.`);
  const read = (field: string) => Buffer.from(secret.data?.[field] ?? '', 'base64').toString('utf8');
  const [pem, key] = [read('tls.crt'), read('tls.key')];
  if (pem === '' || key === '')
    return refuse(`Secret ${namespace}/${name} must contain tls.crt and tls.key.`);
  const must = `Secret ${namespace}/${name} must contain valid tls.crt and tls.key`;
  const certificates = parseCertificates(pem) ?? [];
  if (certificates.length === 0) return refuse(`${must}, unable to validate certificate in tls.crt.`);
  if (!isPrivateKey(key)) return refuse(`${must}, unable to decode pem data in tls.key.`);
  return ok(pem);
}

function isPrivateKey(pem: string): boolean {
  try {
    return createPrivateKey(pem).type === 'private';
  } catch {
    return false;
  }
}

/** Envoy has no rights to listen on low ports. Source: internal/gatewayapi/helpers.go, servicePortToContainerPort. */
export function containerPortOf(port: number): number {
  return port < 1024 ? port + 10_000 : port;
}

/** A ready listener as the data plane is told of it. */
export function configureListener(listener: Listener): ListenerConfiguration {
  const { name, port, protocol, hostname, certificates, routes, tlsRoutes, spec } = listener;
  return {
    name,
    port,
    containerPort: containerPortOf(port),
    protocol,
    hostname: hostname === '' ? anyHost : hostname.toLowerCase(),
    terminates:
      protocol === 'HTTPS' || (protocol === 'TLS' && text(struct(spec, 'tls'), 'mode') !== 'Passthrough'),
    certificates,
    routes,
    tlsRoutes,
  };
}
