/** `kubedrill serve [ID]`: the exercise's cluster on a loopback port, for the real kubectl, until Ctrl-C. */
import { homedir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { type CommandContext, printNotices, requireExercise } from '../context.ts';
import { exitCodes, type Io, PlainError, UsageError } from '../io.ts';

/** The options as commander gives them. */
export interface ServeCommandOptions {
  readonly port?: string;
  readonly kubeconfig?: string;
  readonly frozen?: boolean;
}

/** The cluster looks as if it had been made so long ago; its clock is then brought up to the wall clock. */
const headStartMs = 600_000;

/** Serves until it is interrupted. */
export async function runServe(
  context: CommandContext,
  id: string | undefined,
  options: ServeCommandOptions,
): Promise<number> {
  const port = parsePort(options.port);
  const kubeconfig = kubeconfigPath(context.io, options.kubeconfig);
  const session = await context.openSession();
  const exercise = id === undefined ? undefined : requireExercise(session, id);
  const interrupted = new Promise<void>((done) => context.io.onInterrupt(done));
  const cluster = await session.openCluster(exercise, Date.now() - headStartMs);
  printNotices(context, session);
  const served = await cluster.serve({
    kubeconfig,
    isFrozen: options.frozen ?? false,
    ...(port === undefined ? {} : { port }),
  });
  if (!served.ok) throw new PlainError(served.error);
  for (const line of banner(context, served.value, kubeconfig)) context.print(line);
  await interrupted;
  const closed = await served.value.close();
  if (!closed.ok) throw new PlainError(closed.error);
  return exitCodes.ok;
}

function banner(
  { io, language }: CommandContext,
  { url, context }: { readonly url: string; readonly context: string },
  kubeconfig: string,
): readonly string[] {
  const path = relative(io.cwd, kubeconfig);
  const file = path.startsWith('..') || path === '' ? kubeconfig : path;
  const lines = {
    en: [`The cluster is at ${url}; its context "${context}" is current in ${file}.`, 'In another terminal:'],
    ko: [`클러스터의 주소는 ${url} 이고, ${file}의 현재 컨텍스트는 "${context}"입니다.`, '다른 터미널에서:'],
  }[language];
  const end = { en: 'Ctrl-C ends it.', ko: 'Ctrl-C로 끝냅니다.' }[language];
  return [...lines, `  kubectl --kubeconfig ${file} get nodes`, end];
}

function parsePort(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (/^[0-9]{1,5}$/.test(text) && port >= 1 && port <= 65_535) return port;
  throw new UsageError(`--port: ${JSON.stringify(text)} is no port from 1 to 65535`);
}

/** As kubectl finds the file that it writes to. */
function kubeconfigPath(io: Io, option: string | undefined): string {
  const [first] = (io.env.KUBECONFIG ?? '').split(':').filter((path) => path !== '');
  return resolve(io.cwd, option ?? first ?? join(io.env.HOME ?? homedir(), '.kube', 'config'));
}
