/** Where checks stand: from a vantage point to the network namespace and file system behind it, and probes from there. */
import type { EventQueue } from '../base/event-queue.ts';
import { isJsonObject, type JsonValue } from '../base/json.ts';
import { invariant } from '../base/result.ts';
import type { ProbeResult, ProbeTarget, Vantage } from '../explain/probe.ts';
import type { FileLayer, NetworkAdmin, ProcessAdmin } from '../net/linux.ts';
import type { ContainerState, KubeletState, SandboxState } from '../node/kubelet/state.ts';
import { probeLayer, type RunPlace, runToEnd } from './machine-tools.ts';
import type { ClusterState } from './state.ts';
import { clientMachine } from './topology.ts';

/** What looking from somewhere needs. */
export interface VantageDeps {
  readonly queue: EventQueue;
  readonly net: NetworkAdmin;
  readonly processes: ProcessAdmin;
  readonly state: ClusterState;
  /** Of the cluster whose Pods are meant. */
  readonly kubelets: ReadonlyMap<string, KubeletState>;
}

/** The sandbox of a Pod that runs somewhere, and the node it runs on. */
function findSandbox(
  kubelets: ReadonlyMap<string, KubeletState>,
  namespace: string,
  name: string,
):
  | { readonly node: string; readonly sandbox: SandboxState; readonly containers: readonly ContainerState[] }
  | undefined {
  for (const [node, kubelet] of kubelets) {
    for (const sandbox of kubelet.runtime.sandboxes.values()) {
      if (sandbox.namespace !== namespace || sandbox.name !== name || !sandbox.isReady) continue;
      const containers = [...kubelet.runtime.containers.values()].filter(
        (container) => container.sandboxId === sandbox.id && container.state === 'running',
      );
      return { node, sandbox, containers };
    }
  }
  return undefined;
}

/** Where a program that is started from a vantage point runs: in the container's files, or with a machine's tools. */
export function placeOf(deps: VantageDeps, from: Vantage): RunPlace | undefined {
  if (from.kind !== 'pod') return machinePlace(deps.state, from.kind === 'node' ? from.name : clientMachine);
  const found = findSandbox(deps.kubelets, from.namespace, from.name);
  const container = found?.containers.find(
    ({ name }) => from.container === undefined || name === from.container,
  );
  if (found === undefined || container === undefined) return undefined;
  return {
    machine: found.node,
    netns: found.sandbox.netns,
    rootfs: container.rootfs,
    hostname: found.sandbox.hostname,
    env: container.env,
  };
}

/** A machine's own namespace with its tools. */
export function machinePlace(state: ClusterState, machine: string): RunPlace | undefined {
  const rootfs = state.machineRoots.get(machine);
  return rootfs === undefined ? undefined : { machine, netns: machine, rootfs, hostname: machine };
}

/** Tries a connection from a vantage point: the name first, then, recorded, the connection. */
export function probeFrom(deps: VantageDeps, from: Vantage, target: ProbeTarget): ProbeResult {
  const place = probePlace(deps, from);
  if (place === undefined) return { outcome: 'unreachable', packets: [] };
  const timeoutMs = (target.timeoutSeconds ?? 5) * 1000;
  try {
    const address =
      target.address ?? parseAddresses(runToEnd(deps, place, ['probe-resolve', target.host]).stdout)[0];
    if (address === undefined) return { outcome: 'name-not-found', packets: [] };
    const headers = { Host: hostHeader(target), ...target.headers };
    const argv = [
      'probe-connect',
      target.protocol,
      address,
      String(target.port),
      String(timeoutMs),
      target.path ?? '/',
      ...Object.entries(headers).flat(),
    ];
    const capture = deps.net.startCapture();
    const ran = runToEnd(deps, place, argv);
    return { ...parseProbe(ran.stdout), address, packets: deps.net.stopCapture(capture) };
  } finally {
    deps.processes.removeRootfs(place.rootfs);
  }
}

/** The addresses that a name resolves to from a vantage point, in the order of the answer. */
export function resolveFrom(deps: VantageDeps, from: Vantage, name: string): readonly string[] {
  const place = probePlace(deps, from);
  if (place === undefined) return [];
  const resolved = runToEnd(deps, place, ['probe-resolve', name]);
  deps.processes.removeRootfs(place.rootfs);
  return parseAddresses(resolved.stdout);
}

/** Like {@link placeOf}, with the probe's programs at hand and the place's own resolver; the file system is a new one. */
function probePlace(deps: VantageDeps, from: Vantage): RunPlace | undefined {
  const found = from.kind === 'pod' ? findSandbox(deps.kubelets, from.namespace, from.name) : undefined;
  const place =
    from.kind === 'pod'
      ? found && {
          machine: found.node,
          netns: found.sandbox.netns,
          rootfs: found.containers[0]?.rootfs,
          hostname: found.sandbox.hostname,
        }
      : placeOf(deps, from);
  if (place === undefined) return undefined;
  const resolver = new Map<string, Uint8Array>();
  for (const path of ['/etc/hosts', '/etc/resolv.conf']) {
    const content = place.rootfs === undefined ? undefined : deps.processes.readFile(place.rootfs, path);
    if (content !== undefined) resolver.set(path, content);
  }
  const layers: readonly FileLayer[] = [probeLayer, { files: resolver }];
  return { ...place, rootfs: deps.processes.addRootfs(layers) };
}

function hostHeader({ host, port, protocol }: ProbeTarget): string {
  return port === (protocol === 'https' ? 443 : 80) ? host : `${host}:${port}`;
}

function parseAddresses(text: string): readonly string[] {
  const value: unknown = JSON.parse(text === '' ? '[]' : text);
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : [];
}

function parseProbe(text: string): Pick<ProbeResult, 'outcome' | 'response' | 'certificate'> {
  if (text === '') return { outcome: 'timed-out' };
  const value: JsonValue = JSON.parse(text);
  invariant(isJsonObject(value), 'a probe prints an object');
  const outcome = outcomes.find((known) => known === value.outcome) ?? 'unreachable';
  const { response } = value;
  const shown = parseCertificate(value.certificate);
  if (!isJsonObject(response)) return { outcome, ...shown };
  const headers = isJsonObject(response.headers) ? Object.entries(response.headers) : [];
  return {
    outcome,
    ...shown,
    response: {
      status: Number(response.status),
      headers: Object.fromEntries(headers.map(([name, field]) => [name, String(field)])),
      body: String(response.body),
    },
  };
}

function parseCertificate(value: JsonValue | undefined): Pick<ProbeResult, 'certificate'> {
  if (!isJsonObject(value)) return {};
  const { subject, names, matchesHost, isCurrent } = value;
  return {
    certificate: {
      subject: String(subject),
      names: String(names),
      matchesHost: matchesHost === true,
      isCurrent: isCurrent === true,
    },
  };
}

const outcomes = ['answered', 'refused', 'timed-out', 'unreachable', 'reset', 'name-not-found'] as const;
