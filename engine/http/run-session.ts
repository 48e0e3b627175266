/**
 * exec and attach: what passes between a session and its client, whatever the protocol between them.
 */
import type { Session, TerminalSize } from '../api/request.ts';
import type { ServedClock } from './clock.ts';

/** The client's end. */
export interface SessionSink {
  stdout(bytes: Uint8Array): void;
  stderr(bytes: Uint8Array): void;
  /** How it ended, as a Status; the last thing that is said. */
  end(status: object): void;
}

/** What a client does. */
export interface RunningSession {
  write(bytes: Uint8Array): void;
  closeStdin(): void;
  /** The client's terminal changed: JSON, as both protocols carry it. */
  resize(text: string): void;
  /** The client has gone. */
  drop(): void;
}

/** Carries output until the process ends or the client goes. */
export function runSession(session: Session, sink: SessionSink, clock: ServedClock): RunningSession {
  let isOver = false;
  const finish = (): void => {
    if (isOver) return;
    isOver = true;
    stopListening();
    session.close();
  };
  const pass = (): void => {
    if (isOver) return;
    // Asked first: what the process printed last is read after it.
    const exitCode = session.exitCode();
    // What was said in between is told first: programs keep back what they print until there is more of it.
    sink.stderr(session.readStderr());
    sink.stdout(session.readStdout());
    if (exitCode === undefined) return;
    finish();
    sink.end(exitStatus(exitCode));
  };
  const stopListening = clock.onChange(pass);
  clock.ran();
  return {
    write(bytes) {
      if (isOver) return;
      session.writeStdin(bytes);
      clock.ran();
    },
    closeStdin() {
      if (isOver) return;
      session.closeStdin();
      clock.ran();
    },
    resize(text) {
      const size = isOver ? undefined : parseSize(text);
      if (size !== undefined) session.resize(size);
    },
    drop: finish,
  };
}

/** Source: k8s.io/client-go/tools/remotecommand, TerminalSize. */
function parseSize(text: string): TerminalSize | undefined {
  const match = /^\s*\{\s*"Width"\s*:\s*(\d{1,5})\s*,\s*"Height"\s*:\s*(\d{1,5})\s*\}\s*$/.exec(text);
  return match === null ? undefined : { columns: Number(match[1]), rows: Number(match[2]) };
}

/** Source: k8s.io/kubelet/pkg/cri/streaming/remotecommand/exec.go. */
function exitStatus(exitCode: number): object {
  if (exitCode === 0) return { metadata: {}, status: 'Success' };
  return {
    metadata: {},
    status: 'Failure',
    message: `command terminated with non-zero exit code: exit status ${exitCode}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(exitCode) }] },
    code: 500,
  };
}
