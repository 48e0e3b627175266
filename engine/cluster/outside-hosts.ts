/**
 * Hosts in the world outside of clusters, in 198.51.100.0/24: a database that nobody has moved yet, somebody's own load
 * balancer. Each runs one image's program, and its name is known to name servers and machines.
 */
import type { EventQueue } from '../base/event-queue.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { NetworkAdmin, ProcessAdmin } from '../net/linux.ts';
import { findImage, pullFailure } from '../node/images/images.ts';
import { toolLayer } from '../programs/tool-layer.ts';
import type { ClusterState } from './state.ts';
import { addOutsideMachine } from './topology.ts';

/** A host to be added. */
export interface OutsideHost {
  /** A DNS name: `db.example.com`. */
  readonly name: string;
  /** In 198.51.100.0/24, and nobody else's: .1 and .2 are routers, .10 is the client. */
  readonly address: string;
  /** The image whose program it runs. */
  readonly image: string;
  /** Instead of the image's own arguments. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Files by absolute path, put over the image's. */
  readonly files?: ReadonlyMap<string, string>;
}

/** What hosts are added to. */
export interface OutsideParts {
  readonly state: ClusterState;
  readonly queue: EventQueue;
  readonly net: NetworkAdmin;
  readonly processes: ProcessAdmin;
}

/** Adds a host and starts its program; a failure is one line that says what is wrong with it. */
export function addOutsideHost(
  { state, queue, net, processes }: OutsideParts,
  host: OutsideHost,
): Result<void, string> {
  const { name, address } = host;
  const image = findImage(host.image);
  if (image === undefined) return err(pullFailure(host.image));
  if (!/^198\.51\.100\.(?:[3-9]|[1-9][0-9]{1,2})$/.test(address))
    return err(`${address} is no address for a host in 198.51.100.0/24`);
  const isTaken = [...state.outsideHosts.values(), '198.51.100.10'].includes(address);
  if (isTaken || net.hasMachine(name)) return err(`there is a host ${name} or ${address} already`);
  addOutsideMachine(net, name, address, state.outsideHosts.size);
  state.outsideHosts.set(name, address);
  const tools = toolLayer('host');
  const own = { files: new Map([['/etc/hosts', '127.0.0.1 localhost\n'], ...(host.files ?? [])]) };
  const rootfs = processes.addRootfs([tools, ...image.layers, own]);
  state.machineRoots.set(name, rootfs);
  tellNames(state, processes);
  const started = processes.spawn({
    machine: name,
    netns: name,
    rootfs,
    argv: [...image.entrypoint, ...(host.args ?? image.command)],
    env: new Map([...image.env, ...Object.entries(host.env ?? {})]),
    cwd: image.workingDirectory,
    hostname: name,
    init: true,
    label: `outside ${name}`,
  });
  if (!started.ok) return err(`${name} cannot start ${host.image}: ${started.error}`);
  queue.settle();
  if (processes.isRunning(started.value)) return ok(undefined);
  const said = new TextDecoder().decode(processes.readOutput(started.value, 'stderr', 0)).trim();
  return err(`${name} does not keep running ${host.image}: ${said}`);
}

/** Machines have no name server, so the names stand in their /etc/hosts. */
function tellNames(state: ClusterState, processes: ProcessAdmin): void {
  for (const rootfs of state.machineRoots.values()) {
    const known = new TextDecoder().decode(processes.readFile(rootfs, '/etc/hosts'));
    const missing = [...state.outsideHosts].map(([name, address]) => `${address} ${name}\n`);
    const text = known + missing.filter((line) => !known.includes(line)).join('');
    processes.writeFile(rootfs, '/etc/hosts', text);
  }
}
