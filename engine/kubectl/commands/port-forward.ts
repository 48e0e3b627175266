/**
 * `kubectl port-forward`: ports of the learner's machine that lead into a Pod. It goes on until Ctrl-C; connections are
 * served while time passes. Source: k8s.io/kubectl/pkg/cmd/portforward and client-go tools/portforward.
 */
import type { ForwardedConnection, PortForward } from '../../api/request.ts';
import type { JsonObject } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import type { Command } from '../cli/command.ts';
import { failure, type Outcome } from '../failure.ts';
import type { LocalConnection, LocalListener } from '../host.ts';
import type { Invocation } from '../invocation.ts';
import { objectsAt, stringAt, valueAt } from '../rest/object-fields.ts';
import { resourcePath } from '../rest/rest-mapper.ts';
import { findTargetPods } from './target-pod.ts';

export const portForwardCommand: Command = {
  name: 'port-forward',
  usage: 'TYPE/NAME [options] [LOCAL_PORT:]REMOTE_PORT [...[LOCAL_PORT_N:]REMOTE_PORT_N]',
  short: 'Forward one or more local ports to a pod',
  flags: [
    { name: 'address', type: 'stringSlice', initial: '[localhost]', usage: 'Addresses to listen on.' },
    {
      name: 'pod-running-timeout',
      type: 'duration',
      initial: '1m0s',
      usage: 'Longest time to wait for a running Pod.',
    },
  ],
  run: runPortForward,
};

interface ForwardedPort {
  readonly local: number;
  readonly remote: number;
}

async function runPortForward(invocation: Invocation): Promise<Outcome<void>> {
  const { args, flags, namespace } = invocation;
  const [name, ...specs] = args;
  if (name === undefined || specs.length === 0)
    return invocation.usageFailure('TYPE/NAME and list of ports are required for port-forward');
  const timeoutMs = flags.durationMs('pod-running-timeout');
  const found = await findTargetPods(invocation, name, timeoutMs);
  if (!found.ok) return found;
  const [pod] = found.value.pods;
  if (pod === undefined) return failure(`no pods found for ${name}`);
  const ports = await resolvePorts(invocation, { name, pod, specs });
  if (!ports.ok) return ports;
  const phase = stringAt(pod, 'status', 'phase');
  if (phase !== 'Running')
    return failure(`unable to forward port because pod is not running. Current status=${phase}`);
  const response = await invocation.client.send({
    method: 'POST',
    path: `/api/v1/namespaces/${namespace}/pods/${stringAt(pod, 'metadata', 'name')}/portforward`,
  });
  if (!response.ok) return response;
  if (response.value.type !== 'port-forward') return failure('the server did not open a port-forward');
  return serve(invocation, response.value.portForward, ports.value);
}

/** `8080:80`, `:80`, `80`; of a Service its own ports, which lead to those of the Pod. */
async function resolvePorts(
  invocation: Invocation,
  {
    name,
    pod,
    specs,
  }: { readonly name: string; readonly pod: JsonObject; readonly specs: readonly string[] },
): Promise<Outcome<readonly ForwardedPort[]>> {
  const service = await serviceNamed(invocation, name);
  if (!service.ok) return service;
  const ports: ForwardedPort[] = [];
  for (const spec of specs) {
    const parts = spec.split(':');
    const [first = '', second = first] = parts;
    if (parts.length > 2) return failure(`invalid port format '${spec}'`);
    const remote =
      service.value === undefined ? podPort(pod, second) : servicePort(service.value, pod, second);
    if (!remote.ok) return remote;
    const local = parts.length === 1 ? Number(first) || remote.value : Number(first || '0');
    if (!Number.isInteger(local) || local < 0 || local > 65_535)
      return failure(
        `error parsing local port '${first}': strconv.ParseUint: parsing ${JSON.stringify(first)}: invalid syntax`,
      );
    ports.push({ local, remote: remote.value });
  }
  return ok(ports);
}

async function serviceNamed(invocation: Invocation, name: string): Promise<Outcome<JsonObject | undefined>> {
  const [type = '', rest] = name.split('/');
  if (rest === undefined) return ok(undefined);
  const mapper = await invocation.client.mapper();
  if (!mapper.ok) return mapper;
  const mapping = mapper.value.byArgument(type);
  if (!mapping.ok || mapping.value.kind !== 'Service' || mapping.value.group !== '') return ok(undefined);
  return invocation.client.get(resourcePath(mapping.value, invocation.namespace, rest));
}

function podPort(pod: JsonObject, port: string): Outcome<number> {
  if (/^\d{1,5}$/.test(port)) {
    if (Number(port) > 0) return ok(Number(port));
    return failure('remote port must be > 0');
  }
  for (const container of objectsAt(pod, 'spec', 'containers')) {
    const named = objectsAt(container, 'ports').find((one) => stringAt(one, 'name') === port);
    if (named !== undefined) return ok(Number(valueAt(named, 'containerPort') ?? 0));
  }
  return failure(`Pod '${stringAt(pod, 'metadata', 'name')}' does not have a named port '${port}'`);
}

function servicePort(service: JsonObject, pod: JsonObject, port: string): Outcome<number> {
  const name = stringAt(service, 'metadata', 'name');
  const found = objectsAt(service, 'spec', 'ports').find(
    (one) => String(valueAt(one, 'port')) === port || stringAt(one, 'name') === port,
  );
  if (found === undefined) {
    return /^\d+$/.test(port)
      ? failure(`Service ${name} does not have a service port ${port}`)
      : failure(`Service '${name}' does not have a named port '${port}'`);
  }
  if (stringAt(service, 'spec', 'clusterIP') === 'None') return podPort(pod, String(valueAt(found, 'port')));
  return podPort(pod, String(valueAt(found, 'targetPort') ?? valueAt(found, 'port') ?? ''));
}

/** One connection on its way, from both ends. */
interface Tunnel {
  readonly near: LocalConnection;
  readonly far: ForwardedConnection;
  readonly port: ForwardedPort;
}

async function serve(
  invocation: Invocation,
  forward: PortForward,
  ports: readonly ForwardedPort[],
): Promise<Outcome<void>> {
  const { flags, host } = invocation;
  if (host.listen === undefined) return failure('no port can be opened here: nobody could connect to it');
  const tunnels = new Set<Tunnel>();
  const listeners: LocalListener[] = [];
  const given = flags.isSet('address') ? flags.strings('address') : ['localhost'];
  const addresses = given.flatMap((one) => (one === 'localhost' ? ['127.0.0.1', '::1'] : [one]));
  for (const port of ports) {
    let local = port.local;
    const opened: string[] = [];
    const problems: string[] = [];
    for (const address of addresses) {
      const listener = await host.listen(address, local, (near) => {
        invocation.out(`Handling connection for ${local}\n`);
        tunnels.add({ near, far: forward.connect(port.remote), port: { ...port, local } });
      });
      if (!listener.ok) {
        problems.push(listener.error);
        continue;
      }
      local = listener.value.port;
      listeners.push(listener.value);
      const shown = address.includes(':') ? `[${address}]` : address;
      opened.push(`Forwarding from ${shown}:${local} -> ${port.remote}\n`);
    }
    if (opened.length === 0) {
      for (const listener of listeners) listener.close();
      invocation.err(
        `Unable to listen on port ${local}: Listeners failed to create with the following errors: [unable to create listener: Error ${problems.join(' unable to create listener: Error ')}]\n`,
      );
      const shown = `{${port.local} ${port.remote}}`;
      return failure(`unable to listen on any of the requested ports: [${shown}]`);
    }
    invocation.out(opened.join(''));
  }
  await host.waitUntil(() => {
    for (const tunnel of tunnels) if (pump(invocation, tunnel)) tunnels.delete(tunnel);
    return false;
  }, host.longestSilenceMs);
  for (const { near, far } of tunnels) {
    near.close();
    far.close();
  }
  for (const listener of listeners) listener.close();
  return ok(undefined);
}

/** Carries what came; whether the connection is over. */
function pump(invocation: Invocation, { near, far, port }: Tunnel): boolean {
  const up = near.read();
  if (up.length > 0) far.write(up);
  if (near.isEnded()) far.closeWrite();
  const down = far.read();
  if (down.length > 0) near.write(down);
  const problem = far.failure();
  if (problem !== undefined) {
    invocation.err(
      `an error occurred forwarding ${port.local} -> ${port.remote}: error forwarding port ${port.remote} to pod: ${problem}\n`,
    );
  }
  if (problem === undefined && !far.isEnded()) return false;
  near.close();
  far.close();
  return true;
}
