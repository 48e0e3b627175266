/** `kubectl exec`: runs a program in a container and carries its streams. */
import type { Session, TerminalSize } from '../../api/request.ts';
import { ok } from '../../base/result.ts';
import type { Command } from '../cli/command.ts';
import { type Failure, failure, type Outcome } from '../failure.ts';
import type { KubectlHost } from '../host.ts';
import type { Invocation } from '../invocation.ts';
import { stringAt } from '../rest/object-fields.ts';
import { findSessionPod, sessionFlags } from './session-pod.ts';
import { chooseContainer } from './target-pod.ts';

export const execCommand: Command = {
  name: 'exec',
  usage: '(POD | TYPE/NAME) [-c CONTAINER] [flags] -- COMMAND [args...]',
  short: 'Execute a command in a container',
  flags: [
    {
      name: 'container',
      short: 'c',
      type: 'string',
      usage: 'The container; without it the first, or the annotated one.',
    },
    { name: 'filename', short: 'f', type: 'stringSlice', usage: 'A file that names the resource.' },
    ...sessionFlags,
  ],
  run: runExec,
};

async function runExec(invocation: Invocation): Promise<Outcome<void>> {
  const { args, dashAt, flags } = invocation;
  const name = dashAt === 0 ? undefined : args[0];
  const command = dashAt === undefined ? [] : args.slice(dashAt);
  if (dashAt === undefined && args.length > 1) {
    return invocation.usageFailure(
      'exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead',
    );
  }
  if (name === undefined) return failure('pod, type/name or --filename must be specified');
  if (command.length === 0) return failure('you must specify at least one command for the container');
  const found = await findSessionPod(invocation, name, 'exec into');
  if (!found.ok) return found;
  const pod = found.value;
  const container = chooseContainer(invocation, pod, flags.string('container'), flags.bool('quiet'));
  if (!container.ok) return container;
  return execIn(invocation, {
    namespace: stringAt(pod, 'metadata', 'namespace'),
    pod: stringAt(pod, 'metadata', 'name'),
    container: container.value,
    command,
    verb: 'exec',
  });
}

/** A program to run, or with the verb `attach` one to listen to. */
export interface ExecTarget {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly command: readonly string[];
  readonly verb: 'exec' | 'attach';
}

/** Opens the session, carries it to its end, and ends as the program ended. */
export async function execIn(invocation: Invocation, target: ExecTarget): Promise<Outcome<void>> {
  const { flags, host } = invocation;
  const stdin = flags.bool('stdin');
  // A shell line without input stands for a person at a terminal; what is piped in is none.
  const isTerminal = host.terminal !== undefined || host.stdin === '';
  if (stdin && flags.bool('tty') && !isTerminal) {
    invocation.err('Unable to use a TTY - input is not a terminal or the right kind of file\n');
  }
  const tty = stdin && flags.bool('tty') && isTerminal;
  const opened = await openSession(invocation, target, { stdin, tty });
  if (!opened.ok) return opened;
  const session = opened.value;
  if (stdin) session.writeStdin(new TextEncoder().encode(host.stdin));
  const typed = stdin && host.stdin === '' ? host.terminal : undefined;
  if (typed === undefined) session.closeStdin();
  return carry(
    host,
    session,
    typed && {
      read: () => typed.read(tty ? 'keys' : 'lines'),
      isEnded: () => typed.isEnded(),
      size: () => (tty ? typed.size?.() : undefined),
    },
  );
}

/** Asks the server for a conversation with the program. */
export async function openSession(
  invocation: Invocation,
  target: ExecTarget,
  { stdin, tty }: { readonly stdin: boolean; readonly tty: boolean },
): Promise<Outcome<Session>> {
  const response = await invocation.client.send({
    method: 'POST',
    path: `/api/v1/namespaces/${target.namespace}/pods/${target.pod}/${target.verb}`,
    query: [
      ...target.command.map((word) => ['command', word] as const),
      ['container', target.container],
      ...(stdin ? [['stdin', 'true'] as const] : []),
      ['stdout', 'true'],
      ...(tty ? [['tty', 'true'] as const] : [['stderr', 'true'] as const]),
    ],
  });
  if (!response.ok) return { ok: false, error: asStreamError(response.error) };
  return response.value.type === 'session'
    ? ok(response.value.session)
    : failure('the server did not open a stream');
}

/** A refusal at the upgrade to a stream is told by its words alone. Source: client-go remotecommand, upgrade failure. */
function asStreamError(problem: Failure): Failure {
  if (
    problem.kind !== 'status' ||
    problem.status.reason === 'NotFound' ||
    problem.status.reason === 'Forbidden'
  )
    return problem;
  const { message = '', reason } = problem.status;
  const isInternal = reason === 'InternalError' && !message.startsWith('Internal error occurred');
  const told = isInternal ? `Internal error occurred: ${message}` : message;
  // A program that can't be started is told over the stream, all else instead of it.
  const isInStream = /^(Internal error occurred: )*error executing command/.test(told);
  return { kind: 'message', message: isInStream ? told : `unable to upgrade connection: ${told}` };
}

/** A program that has printed nothing for so long is left alone, as a person would with Ctrl-C. */
const longestSilenceMs = 7_200_000;
/** Exit code of a command that Ctrl-C ended. */
const interruptedCode = 130;

/** What a person types into a session, and at what size of window. */
interface TypedInput {
  read(): Uint8Array;
  isEnded(): boolean;
  size(): TerminalSize | undefined;
}

async function carry(
  host: KubectlHost,
  session: Session,
  typed: TypedInput | undefined,
): Promise<Outcome<void>> {
  const out = new TextDecoder();
  const err = new TextDecoder();
  const pending = { stdout: '', stderr: '' };
  let isTyping = typed !== undefined;
  let size: TerminalSize | undefined;
  const read = () => {
    const now = typed?.size();
    if (now !== undefined && (now.rows !== size?.rows || now.columns !== size.columns)) session.resize(now);
    size = now;
    if (typed !== undefined && isTyping) {
      const bytes = typed.read();
      if (bytes.length > 0) session.writeStdin(bytes);
      if (typed.isEnded()) {
        isTyping = false;
        session.closeStdin();
      }
    }
    pending.stdout += out.decode(session.readStdout(), { stream: true });
    pending.stderr += err.decode(session.readStderr(), { stream: true });
    return pending.stdout !== '' || pending.stderr !== '' || session.exitCode() !== undefined;
  };
  let lastHeardMs = host.now();
  for (;;) {
    const outcome = await host.waitUntil(read);
    if (pending.stdout !== '') host.writeStdout(pending.stdout);
    if (pending.stderr !== '') host.writeStderr(pending.stderr);
    pending.stdout = '';
    pending.stderr = '';
    const code = session.exitCode();
    if (code !== undefined) {
      session.close();
      if (code === 0) return ok(undefined);
      return { ok: false, error: { kind: 'exit', code, text: `command terminated with exit code ${code}` } };
    }
    if (outcome === 'done') lastHeardMs = host.now();
    else if (outcome !== 'timeout' || (!isTyping && host.now() - lastHeardMs > longestSilenceMs)) {
      session.close();
      const text =
        outcome === 'interrupted' ? '' : 'error: the program goes on without an end; stopped as by Ctrl-C';
      return { ok: false, error: { kind: 'exit', code: interruptedCode, text } };
    }
  }
}
