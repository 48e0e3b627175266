/**
 * Where a request through a Pod, a Service or a node goes: `NAME`, `NAME:PORT` or `SCHEME:NAME:PORT`. Source:
 * ResourceLocation of pkg/registry/core/pod/strategy.go, service/storage/storage.go and node/strategy.go,
 * SplitSchemeNamePort of k8s.io/apimachinery/pkg/util/net.
 *
 * Differs: names of ports that Go's resolver reads from /etc/services are not known.
 */
import type { JsonObject } from '../../../base/json.ts';
import { err, ok, type Result } from '../../../base/result.ts';
import { storeKey } from '../../store/store.ts';
import { nameOf, numberAt, objectsAt, stringAt } from '../object-access.ts';
import { badRequest, notFound, type Outcome, type Refusal, serviceUnavailable } from '../refusals.ts';
import type { Call } from '../server-context.ts';

/** An address, and the port as it was written; empty for the scheme's own. */
export interface BackendLocation {
  readonly isTls: boolean;
  readonly address: string;
  readonly port: string;
}

interface AskedFor {
  readonly scheme: string;
  readonly name: string;
  readonly port: string;
}

/** Source: cmd/kubelet, the port of its API. */
const kubeletPort = '10250';

/** Finds the other end of a call to `proxy`. */
export function locateBackend(call: Call): Outcome<BackendLocation> {
  const kind = call.kind.singular;
  const asked = splitSchemeNamePort(call.name);
  if (asked === undefined) return err(badRequest(`invalid ${kind} request ${JSON.stringify(call.name)}`));
  if (kind === 'service') return locateService(call, asked);
  const found = objectOf(call, call.kind.plural, asked.name);
  if (found === undefined) return err(notFound(call.kind, asked.name));
  return kind === 'pod' ? locatePod(found, asked) : locateNode(found, asked);
}

function splitSchemeNamePort(id: string): AskedFor | undefined {
  const parts = id.split(':');
  const [scheme, name, port] =
    parts.length === 3 ? parts : parts.length < 3 ? ['', parts[0], parts[1] ?? ''] : [];
  const isKnown = scheme === '' || scheme === 'http' || scheme === 'https';
  return isKnown && name !== undefined && name !== '' && port !== undefined
    ? { scheme, name, port }
    : undefined;
}

function objectOf(call: Call, plural: string, name: string): JsonObject | undefined {
  return call.server.store.get(storeKey('', plural, call.namespace, name));
}

function locatePod(pod: JsonObject, { scheme, port }: AskedFor): Outcome<BackendLocation> {
  const address = stringAt(pod, 'status', 'podIP');
  if (address === '') return err(badRequest('address not allowed'));
  const [first] = objectsAt(pod, 'spec', 'containers').flatMap((container) => objectsAt(container, 'ports'));
  const own = first === undefined ? '' : String(numberAt(first, 'containerPort') ?? '');
  return ok({ isTls: scheme === 'https', address, port: port === '' ? own : port });
}

function locateNode(node: JsonObject, { scheme, port }: AskedFor): Outcome<BackendLocation> {
  const internal = objectsAt(node, 'status', 'addresses').find(
    (one) => stringAt(one, 'type') === 'InternalIP',
  );
  const address = internal === undefined ? '' : stringAt(internal, 'address');
  if (address === '') return err(badRequest(`no preferred addresses found; known addresses: []`));
  const isKubelet = port === '' || port === kubeletPort;
  return ok({ isTls: isKubelet || scheme === 'https', address, port: isKubelet ? kubeletPort : port });
}

function locateService(call: Call, { scheme, name, port }: AskedFor): Outcome<BackendLocation> {
  const portName = portNameOf(call, name, port);
  if (!portName.ok) return portName;
  const endpoints = objectOf(call, 'endpoints', name);
  if (endpoints === undefined) return err(notFound(call.kind, name));
  const unavailable = (id: string) =>
    err(serviceUnavailable(`no endpoints available for service ${JSON.stringify(id)}`));
  const subsets = objectsAt(endpoints, 'subsets');
  if (subsets.length === 0) return unavailable(name);
  for (const subset of turned(subsets, call.server.random.below(subsets.length))) {
    const found = objectsAt(subset, 'ports').find((one) => stringAt(one, 'name') === portName.value);
    const addresses = objectsAt(subset, 'addresses');
    if (found === undefined || addresses.length === 0) continue;
    const from = call.server.random.below(addresses.length);
    const address = turned(addresses, from).find((one) => isOfPod(call, one));
    if (address === undefined) continue;
    const number = String(numberAt(found, 'port') ?? 0);
    return ok({ isTls: scheme === 'https', address: stringAt(address, 'ip'), port: number });
  }
  return unavailable(call.name);
}

/** The name of the Service's port that a number asks for. */
function portNameOf(call: Call, name: string, port: string): Result<string, Refusal> {
  if (!/^[+-]?\d+$/.test(port)) return ok(port);
  const service = objectOf(call, 'services', name);
  if (service === undefined) return err(notFound(call.kind, name));
  const found = objectsAt(service, 'spec', 'ports').find((one) => numberAt(one, 'port') === Number(port));
  if (found !== undefined) return ok(stringAt(found, 'name'));
  return err(serviceUnavailable(`no service port ${Number(port)} found for service ${JSON.stringify(name)}`));
}

function turned<T>(items: readonly T[], from: number): readonly T[] {
  return [...items.slice(from), ...items.slice(0, from)];
}

/** Only Pods are passed on to: whoever may write endpoints could reach anything else. Source: isValidAddress. */
function isOfPod(call: Call, address: JsonObject): boolean {
  if (stringAt(address, 'targetRef', 'kind') !== 'Pod') return false;
  const namespace = stringAt(address, 'targetRef', 'namespace');
  const name = stringAt(address, 'targetRef', 'name');
  const pod = call.server.store.get(storeKey('', 'pods', namespace, name));
  if (pod === undefined || nameOf(pod) === '') return false;
  const addresses = objectsAt(pod, 'status', 'podIPs').map((one) => stringAt(one, 'ip'));
  return addresses.includes(stringAt(address, 'ip'));
}
