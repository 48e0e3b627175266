/**
 * The kubelet's and the container runtime's side of a port-forward: each connection is a process of its own inside the
 * Pod's network namespace, so its packets travel as any others do.
 * Source: pkg/kubelet (GetPortForward), k8s.io/kubelet/pkg/cri/streaming/portforward/httpstream.go for the words.
 */
import type { NodeRefusal } from '../../api/node-connection.ts';
import type { ForwardedConnection, PortForward } from '../../api/request.ts';
import { err, invariant, ok, type Result } from '../../base/result.ts';
import { forwardProgram } from './forward-program.ts';
import type { KubeletParts } from './parts.ts';
import type { PodRecord, SandboxState } from './state.ts';

const programName = 'kubelet-port-forward';

/** What has to be registered for ports to be forwarded. */
export const portForwardPrograms = [[programName, forwardProgram]] as const;

/** Opens a Pod to connections from outside. */
export function forwardPorts(
  parts: KubeletParts,
  record: PodRecord | undefined,
): Result<PortForward, NodeRefusal> {
  if (record === undefined) return err({ code: 404, message: 'pod does not exist' });
  const sandbox = parts.runtime.sandboxOf(record.uid);
  if (sandbox === undefined) {
    return err({ code: 500, message: `failed to find sandbox of pod ${JSON.stringify(record.name)}` });
  }
  return ok({ connect: (port) => connect(parts, sandbox, port) });
}

function connect(parts: KubeletParts, sandbox: SandboxState, port: number): ForwardedConnection {
  const { processes, node } = parts.deps;
  const { id } = sandbox;
  const failed = (why: string) => `error forwarding port ${port} to pod ${id}, uid : ${why}`;
  if (!sandbox.isReady) {
    return closedConnection(failed(`sandbox container ${JSON.stringify(id)} is not running`));
  }
  const rootfs = processes.addRootfs([{ files: new Map([['/port-forward', { program: programName }]]) }]);
  const started = processes.spawn({
    machine: node.name,
    netns: sandbox.netns,
    rootfs,
    argv: ['/port-forward', String(port)],
    hostname: node.name,
    // Not waited for: an open connection is no work that has to end before the cluster is at rest.
    stdinOpen: true,
    followed: true,
  });
  invariant(started.ok, 'the forwarding process did not start');
  const pid = started.value;
  const path = sandbox.hostNetwork ? 'host' : `/var/run/netns/${sandbox.netns.split('/').at(-1) ?? ''}`;
  const decoder = new TextDecoder();
  let isClosed = false;
  return {
    read() {
      if (isClosed) return new Uint8Array();
      return processes.takeOutput(pid, 'stdout');
    },
    write(bytes) {
      if (!isClosed) processes.writeStdin(pid, bytes);
    },
    closeWrite() {
      if (!isClosed) processes.closeStdin(pid);
    },
    isEnded: () => isClosed || !processes.isRunning(pid),
    failure() {
      if (isClosed || processes.isRunning(pid)) return undefined;
      const words = decoder.decode(processes.readOutput(pid, 'stderr', 0));
      if (words === '') return undefined;
      return failed(
        `failed to execute portforward in network namespace ${JSON.stringify(path)}: failed to connect to localhost:${port} inside namespace ${JSON.stringify(id)}, ${words}`,
      );
    },
    close() {
      if (isClosed) return;
      isClosed = true;
      if (processes.isRunning(pid)) processes.kill(pid, 'SIGKILL');
      else processes.forget(pid);
      processes.removeRootfs(rootfs);
    },
  };
}

function closedConnection(failure: string): ForwardedConnection {
  return {
    read: () => new Uint8Array(),
    write() {},
    closeWrite() {},
    isEnded: () => true,
    failure: () => failure,
    close() {},
  };
}
