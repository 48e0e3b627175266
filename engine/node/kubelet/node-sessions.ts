/**
 * What the API server asks a node for: logs, and processes in containers with their streams.
 * Source: pkg/kubelet/kubelet_pods.go (validateContainerLogStatus, findContainer), server.go. The words of failures are
 * the kubelet's, containerd's and runc's.
 */
import type { ExecOptions, LogOptions, NodeConnection, NodeRefusal } from '../../api/node-connection.ts';
import type { Session, TextStream } from '../../api/request.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { containerLog, createLogReader } from './container-log.ts';
import { execStartFailure } from './container-runtime.ts';
import { containerSpec, type KubeletParts } from './parts.ts';
import { forwardPorts } from './port-forward.ts';
import type { ContainerState, PodRecord } from './state.ts';
import { createTerminal } from './terminal.ts';

interface SessionOptions {
  /** Whether the process is the container's own, which goes on without the session. */
  readonly isAttach: boolean;
  readonly tty: boolean;
  /** Whether the process's input ends with the client's. */
  readonly endsInput: boolean;
}

/** The node's side of {@link NodeConnection}. */
export function createNodeConnection(parts: KubeletParts): NodeConnection {
  const { processes, queue, random } = parts.deps;

  function findPod(namespace: string, name: string): PodRecord | undefined {
    return [...parts.state.pods.values()].findLast(
      (record) => record.namespace === namespace && record.name === name,
    );
  }

  /** The instance whose log is asked for. */
  function logInstance(record: PodRecord, options: LogOptions): Result<ContainerState, string> {
    const { container: name } = options;
    const current = parts.runtime.current(record.uid, name);
    const quoted = `container ${JSON.stringify(name)} in pod ${JSON.stringify(record.name)}`;
    if (options.previous) {
      const ended = parts.runtime
        .containersOf(record.uid)
        .filter((instance) => instance.name === name && instance.state === 'exited');
      const isWaiting = current?.state === 'exited' && record.waiting.has(name);
      const previous = isWaiting ? current : ended.findLast((instance) => instance !== current);
      return previous === undefined ? err(`previous terminated ${quoted} not found`) : ok(previous);
    }
    if (current !== undefined && current.state !== 'created') return ok(current);
    const before = parts.runtime
      .containersOf(record.uid)
      .findLast((instance) => instance.name === name && instance.state === 'exited');
    if (before !== undefined) return ok(before);
    const reason = record.waiting.get(name)?.reason;
    if (reason === 'ErrImagePull') return err(`${quoted} is waiting to start: image can't be pulled`);
    if (reason === 'ImagePullBackOff') {
      return err(`${quoted} is waiting to start: trying and failing to pull image`);
    }
    const hasInit = (record.pod.spec?.initContainers ?? []).length > 0;
    return err(
      `${quoted} is waiting to start: ${reason ?? (hasInit ? 'PodInitializing' : 'ContainerCreating')}`,
    );
  }

  function runningContainer(
    namespace: string,
    pod: string,
    name: string,
  ): Result<ContainerState, NodeRefusal> {
    const record = findPod(namespace, pod);
    if (record === undefined) return err({ code: 404, message: `pod does not exist` });
    const container = parts.runtime.current(record.uid, name);
    if (container?.state === 'running') return ok(container);
    return err({ code: 500, message: `container not found (${JSON.stringify(name)})` });
  }

  function session(pid: number, options: SessionOptions): Session {
    const read = { stdout: 0, stderr: 0 };
    const take = (stream: 'stdout' | 'stderr') => {
      if (!options.isAttach) return processes.takeOutput(pid, stream);
      const bytes = processes.readOutput(pid, stream, read[stream]);
      read[stream] = processes.outputEnd(pid, stream);
      return bytes;
    };
    if (options.isAttach) {
      take('stdout');
      take('stderr');
    }
    const closeStdin = () => {
      if (options.endsInput) processes.closeStdin(pid);
    };
    const terminal = options.tty
      ? createTerminal({
          write: (bytes) => processes.writeStdin(pid, bytes),
          end: () => processes.closeStdin(pid),
          interrupt: () => processes.interrupt(pid),
        })
      : undefined;
    return {
      // A terminal has one stream for both.
      readStdout() {
        if (terminal === undefined) return take('stdout');
        return terminal.show(Buffer.concat([take('stderr'), take('stdout')]));
      },
      readStderr: () => (terminal === undefined ? take('stderr') : new Uint8Array()),
      writeStdin(bytes) {
        if (terminal === undefined) processes.writeStdin(pid, bytes);
        else terminal.type(bytes);
      },
      closeStdin,
      resize(size) {
        if (options.tty) processes.setWindowSize(pid, size);
      },
      exitCode: () => processes.exitCode(pid),
      close() {
        if (options.isAttach) {
          closeStdin();
          return;
        }
        if (processes.isRunning(pid)) processes.kill(pid, 'SIGKILL');
        else if (processes.exitCode(pid) !== undefined) processes.forget(pid);
      },
    };
  }

  return {
    logs(namespace, pod, options) {
      const record = findPod(namespace, pod);
      if (record === undefined)
        return err({ code: 404, message: `pod ${JSON.stringify(pod)} does not exist` });
      const instance = logInstance(record, options);
      if (!instance.ok) return err({ code: 400, message: instance.error });
      const { pid } = instance.value;
      if (pid === undefined) return ok({ text: '' });
      const text = containerLog(processes.readLog(pid), options, queue.now());
      if (!options.follow || instance.value.state === 'exited') return ok({ text });
      const more: TextStream = createLogReader(processes, pid, options);
      return ok({ text, more });
    },
    exec(namespace, pod, options: ExecOptions) {
      const container = runningContainer(namespace, pod, options.container);
      if (!container.ok) return container;
      const started = parts.runtime.exec(container.value, {
        argv: options.command,
        tty: options.tty,
        stdinOpen: options.stdin,
        foreground: true,
        followed: true,
        role: { role: 'exec', id: container.value.id },
      });
      if (started.ok) {
        return ok(session(started.value, { isAttach: false, tty: options.tty, endsInput: true }));
      }
      const message = `error executing command in container: ${execStartFailure(random, started.error)}`;
      return err({ code: 500, message });
    },
    attach(namespace, pod, options) {
      const container = runningContainer(namespace, pod, options.container);
      if (!container.ok) return container;
      const { pid } = container.value;
      if (pid === undefined) {
        return err({ code: 500, message: `container not found (${JSON.stringify(options.container)})` });
      }
      const record = findPod(namespace, pod);
      const spec = record === undefined ? undefined : containerSpec(record.pod, options.container);
      return ok(
        session(pid, {
          isAttach: true,
          tty: options.tty && spec?.tty === true,
          endsInput: options.stdin && spec?.stdinOnce === true,
        }),
      );
    },
    portForward: (namespace, pod) => forwardPorts(parts, findPod(namespace, pod)),
  };
}
