/** Programs on machines that somebody outside looks at while they run: the shell's `ping`, `tcpdump`, `ssh`. */

import { err, ok, type Result } from '../base/result.ts';
import type { ProcessAdmin } from '../net/linux.ts';
import { createTerminal, type Terminal } from '../node/kubelet/terminal.ts';
import type { ShellResult, StartedProgram } from '../shell/shell-host.ts';
import type { RunPlace } from './machine-tools.ts';

/** Starts a program with a terminal and its input open. A failure is what a shell says of it. */
export function startProgram(
  processes: ProcessAdmin,
  place: RunPlace,
  argv: readonly string[],
): Result<StartedProgram, ShellResult> {
  const spawned = processes.spawn({ ...place, argv, stdinOpen: true, tty: true });
  if (!spawned.ok) {
    const isMissing = spawned.error === 'ENOENT';
    return err({
      exitCode: isMissing ? 127 : 126,
      stdout: '',
      stderr: `${argv[0] ?? ''}: ${isMissing ? 'command not found' : 'Permission denied'}\n`,
    });
  }
  const pid = spawned.value;
  const closeStdin = () => {
    if (processes.isRunning(pid)) processes.closeStdin(pid);
  };
  const terminal = createTerminal({
    write(bytes) {
      if (processes.isRunning(pid)) processes.writeStdin(pid, bytes);
    },
    end: closeStdin,
    interrupt: () => processes.interrupt(pid),
  });
  return ok({
    read: outputReader(processes, pid, terminal),
    type: (bytes) => terminal.type(bytes),
    closeStdin,
    exitCode: () => processes.exitCode(pid),
    close() {
      if (processes.isRunning(pid)) processes.kill(pid, 'SIGKILL');
      else processes.forget(pid);
    },
  });
}

/** A terminal has one stream for both; of what came between two looks, errors are shown first. */
function outputReader(processes: ProcessAdmin, pid: number, terminal: Terminal): () => string {
  const decoder = new TextDecoder();
  const read = { stdout: 0, stderr: 0 };
  return () => {
    let text = '';
    for (const stream of ['stderr', 'stdout'] as const) {
      const bytes = processes.readOutput(pid, stream, read[stream]);
      read[stream] += bytes.length;
      text += decoder.decode(terminal.show(bytes), { stream: true });
    }
    return text;
  };
}
