/**
 * What crictl does to containers and images: stop, rm, exec, logs, pull, rmi.
 * Source: kubernetes-sigs/cri-tools v1.36, cmd/crictl (container.go, exec.go, logs.go, image.go).
 */
import { isJsonObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import * as sys from '../../net/process/sys.ts';
import type { ParsedArguments } from '../arguments.ts';
import { askRuntime, fatal, noContainer, objectsOf, textOf } from './crictl-runtime.ts';

const pollMs = 100;

/** crictl stop. Without a time-out the container is killed at once, as the runtime is given none to wait. */
export function* stopContainers(options: ParsedArguments, ids: readonly string[]): sys.Sys<number> {
  if (options.flags.has('all') && ids.length > 0)
    return yield* exitWith('cannot specify CONTAINER-ID(s) when using --all');
  const running = objectsOf(yield* askRuntime({ call: 'containers' })).filter(
    (item) => textOf(item, 'state') === 'CONTAINER_RUNNING',
  );
  if (options.flags.has('all') && running.length === 0) {
    yield* sys.print('No running containers found.\n');
    return 0;
  }
  const asked = options.flags.has('all') ? running.map((item) => textOf(item, 'id')) : ids;
  if (asked.length === 0) return yield* exitWith('you must specify at least one CONTAINER-ID or use --all');
  for (const id of asked) {
    const failure = yield* stopOne(id, Number(options.value('timeout') ?? 0) || 0);
    if (failure !== undefined)
      return yield* fatal(`stopping the container ${JSON.stringify(id)}: ${failure}`);
  }
  return 0;
}

function* exitWith(message: string): sys.Sys<number> {
  yield* sys.printError(`${message}\n`);
  return 1;
}

function* stopOne(id: string, timeoutSeconds: number): sys.Sys<string | undefined> {
  const first = timeoutSeconds > 0 ? 'SIGTERM' : 'SIGKILL';
  if ((yield* askRuntime({ call: 'signal', id, signal: first })) === null) return noContainer(id);
  const deadlineMs = (yield* sys.now()) + 1000 * timeoutSeconds;
  while ((yield* stateOf(id)) === 'CONTAINER_RUNNING') {
    if (timeoutSeconds > 0 && (yield* sys.now()) >= deadlineMs)
      yield* askRuntime({ call: 'signal', id, signal: 'SIGKILL' });
    yield* sys.sleep(pollMs);
  }
  yield* sys.print(`${id}\n`);
  return undefined;
}

function* stateOf(id: string): sys.Sys<string | undefined> {
  const item = objectsOf(yield* askRuntime({ call: 'containers' })).find((each) =>
    textOf(each, 'id').startsWith(id),
  );
  return item === undefined ? undefined : textOf(item, 'state');
}

/** crictl rm. */
export function* removeContainers(options: ParsedArguments, ids: readonly string[]): sys.Sys<number> {
  const all = objectsOf(yield* askRuntime({ call: 'containers' })).map((item) => textOf(item, 'id'));
  const asked = options.flags.has('all') ? all : ids;
  if (asked.length === 0) {
    if (options.flags.has('all')) yield* sys.printError('INFO[0000] No containers to remove\n');
    else
      yield* sys.print(
        'NAME:\n   crictl rm - Remove one or more containers\n\nUSAGE:\n   crictl rm [options] CONTAINER-ID [CONTAINER-ID...]\n',
      );
    return 0;
  }
  const failures: string[] = [];
  for (const id of asked) {
    const failure = yield* removeOne(id, options.flags.has('force'));
    if (failure !== undefined) failures.push(failure);
  }
  if (failures.length === 0) return 0;
  return yield* fatal(failures.length === 1 ? failures.join('') : `[${failures.join(', ')}]`);
}

function* removeOne(id: string, force: boolean): sys.Sys<string | undefined> {
  const state = yield* stateOf(id);
  const quoted = JSON.stringify(id);
  if (state === undefined) return `getting container status ${quoted}: ${noContainer(id)}`;
  if (state === 'CONTAINER_RUNNING') {
    if (!force) return `container ${quoted} is running, please stop it first`;
    yield* stopOne(id, 0);
  }
  yield* askRuntime({ call: 'remove', id });
  yield* sys.print(`${id}\n`);
  return undefined;
}

/** crictl exec: the process's output as it comes; with `-i` input is handed on by a thread of its own. */
export function* execInContainer(options: ParsedArguments, operands: readonly string[]): sys.Sys<number> {
  const [id = '', ...argv] = operands;
  if (argv.length === 0) {
    yield* sys.print(
      'NAME:\n   crictl exec - Run a command in a running container\n\nUSAGE:\n   crictl exec [options] CONTAINER-ID COMMAND [ARG...]\n',
    );
    return 0;
  }
  const stdin = options.flags.has('interactive');
  const tty = options.flags.has('tty');
  if (tty && !stdin)
    return yield* fatal(
      `execing command in container ${id}: tty=true must be specified with interactive=true`,
    );
  const started = yield* askRuntime({ call: 'exec', id, argv, stdin, tty });
  if (!isJsonObject(started)) return yield* fatal(`execing command in container ${id}: ${noContainer(id)}`);
  if (typeof started.error === 'string') {
    return yield* fatal(
      `execing command in container ${id}: rpc error: code = Unknown desc = failed to exec in container: ${started.error}`,
    );
  }
  const pid = Number(started.pid);
  if (stdin) yield* sys.thread({ at: 'exec-input', pid });
  return yield* followExec(id, pid);
}

function* followExec(id: string, pid: number): sys.Sys<number> {
  const read = { stdout: 0, stderr: 0 };
  for (;;) {
    const answer = yield* askRuntime({ call: 'exec-read', pid, ...read });
    if (!isJsonObject(answer)) return 1;
    const [stdout, stderr] = [textOf(answer, 'stdout'), textOf(answer, 'stderr')];
    read.stdout += stdout.length;
    read.stderr += stderr.length;
    if (stdout !== '') yield* sys.write(1, Buffer.from(stdout, 'latin1'));
    if (stderr !== '') yield* sys.write(2, Buffer.from(stderr, 'latin1'));
    if (answer.exitCode === 0) return yield* sys.exit(0);
    if (typeof answer.exitCode === 'number') {
      yield* fatal(
        `execing command in container ${id}: command terminated with exit code ${answer.exitCode}`,
      );
      return yield* sys.exit(1);
    }
    yield* sys.sleep(pollMs / 10);
  }
}

/** The thread that hands input on to a process in a container. */
export function* feedExec(pid: number): sys.Sys<number> {
  for (;;) {
    const bytes = yield* sys.readStdin();
    const text = bytes === undefined ? null : Buffer.from(bytes).toString('latin1');
    yield* askRuntime({ call: 'exec-write', pid, text });
    if (bytes === undefined) return 0;
  }
}

/** crictl logs; with `-f` until the container has ended. */
export function* showLogs(options: ParsedArguments, operands: readonly string[]): sys.Sys<number> {
  const [id = ''] = operands;
  if (id === '') return yield* fatal('ID cannot be empty');
  const tail = options.value('tail');
  const timestamps = options.flags.has('timestamps');
  const question = { call: 'logs', id, timestamps };
  const first = /^\d{1,9}$/.test(tail ?? '') ? { ...question, tail: Number(tail) } : question;
  const answer = yield* askRuntime(first);
  if (typeof answer !== 'string') return yield* fatal(noContainer(id));
  yield* sys.print(answer);
  if (!options.flags.has('follow')) return 0;
  let known = String(yield* askRuntime(question));
  for (;;) {
    const isRunning = (yield* stateOf(id)) === 'CONTAINER_RUNNING';
    const all = yield* askRuntime(question);
    if (typeof all === 'string' && all.length > known.length) {
      yield* sys.print(all.slice(known.length));
      known = all;
    }
    if (!isRunning) return 0;
    yield* sys.sleep(pollMs);
  }
}

/** crictl pull. */
export function* pullImage(operands: readonly string[]): sys.Sys<number> {
  const [image = ''] = operands;
  if (image === '') return yield* fatal('image name cannot be empty');
  const answer = yield* askRuntime({ call: 'pull', image });
  const found: JsonObject = isJsonObject(answer) ? answer : {};
  if (typeof found.error === 'string') return yield* fatal(`pulling image: ${found.error}`);
  yield* sys.print(`Image is up to date for ${textOf(found, 'id')}\n`);
  return 0;
}

/** crictl rmi. */
export function* removeImages(operands: readonly string[]): sys.Sys<number> {
  for (const image of operands) {
    const gone: JsonValue = yield* askRuntime({ call: 'remove-image', image });
    if (!Array.isArray(gone)) return yield* fatal(`no such image ${image}`);
    yield* sys.print(gone.map((name) => `Deleted: ${String(name)}\n`).join(''));
  }
  return 0;
}
