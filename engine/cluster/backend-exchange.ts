/**
 * Requests that the API server passes on: each is a process on its machine, so that they meet the rules of the network as
 * any other packets. Failures are told in the words of Go's net and net/http.
 */
import type { BackendAnswer, BackendExchange, BackendRequest } from '../api/proxied.ts';
import { isJsonObject } from '../base/json.ts';
import { err, invariant, ok, type Result } from '../base/result.ts';
import type { ProcessAdmin } from '../net/linux.ts';
import type { Errno } from '../net/process/errno.ts';
import * as sys from '../net/process/sys.ts';
import type { Program } from '../net/process/syscalls.ts';
import { type ReadFailure, ReceiveBuffer, readResponse } from '../programs/http/exchange.ts';
import { formatHead } from '../programs/http/message.ts';
import { type ByteStream, socketStream } from '../programs/http/stream.ts';
import { connectTls, takeAnyCertificate } from '../programs/tls/session.ts';

const programName = 'kube-apiserver-proxy';
/** Source: net/http, DefaultTransport's dialer. */
const dialTimeoutMs = 30_000;
const maxRequestBytes = 4_194_304;

/** What has to be registered for requests to be passed on. */
export const backendPrograms = [[programName, passOn()]] as const;

/** Sends a request from a machine's own network namespace. */
export function startBackendExchange(
  processes: ProcessAdmin,
  machine: string,
  request: BackendRequest,
): BackendExchange {
  const { address, port, isTls, method } = request;
  const rootfs = processes.addRootfs([{ files: new Map([['/pass-on', { program: programName }]]) }]);
  const started = processes.spawn({
    machine,
    netns: machine,
    rootfs,
    argv: ['/pass-on', address, String(port), isTls ? 'https' : 'http', method],
    hostname: machine,
    stdinOpen: true,
    followed: true,
    foreground: true,
  });
  invariant(started.ok, 'the process that passes a request on did not start');
  const pid = started.value;
  const head = formatHead(`${method} ${request.target} HTTP/1.1`, request.headers);
  processes.writeStdin(pid, sys.toBytes(`${head}${request.body}`));
  processes.closeStdin(pid);
  let known: Result<BackendAnswer, string> | undefined;
  const forget = (): void => {
    if (processes.isRunning(pid)) processes.kill(pid, 'SIGKILL');
    else processes.forget(pid);
    processes.removeRootfs(rootfs);
  };
  return {
    outcome() {
      if (known !== undefined || processes.isRunning(pid)) return known;
      known = readOutcome(processes.takeOutput(pid, 'stdout'), processes.takeOutput(pid, 'stderr'));
      forget();
      return known;
    },
    close() {
      if (known !== undefined) return;
      known = err('context canceled');
      forget();
    },
  };
}

/** What the process printed: a line with code and headers, then the body as it came; or why there is none. */
function readOutcome(printed: Uint8Array, errors: Uint8Array): Result<BackendAnswer, string> {
  const end = printed.indexOf(0x0a);
  if (end < 0) return err(sys.toText(errors) || 'EOF');
  const head: unknown = JSON.parse(sys.toText(printed.subarray(0, end)));
  invariant(isJsonObject(head) && Array.isArray(head.headers), 'a head that was printed as JSON');
  const headers = head.headers.map((field) => {
    const [name, value] = Array.isArray(field) ? field : [];
    return [String(name), String(value)] as const;
  });
  return ok({ code: Number(head.code), headers, body: printed.subarray(end + 1) });
}

function passOn(): Program {
  return function* ({ argv: [, address = '', port = '', scheme = '', method = ''] }) {
    const request = yield* sys.readAllStdin(maxRequestBytes);
    const connected = yield* sys.connect(address, Number(port), { timeoutMs: dialTimeoutMs });
    if (!connected.ok) {
      yield* sys.printError(
        `dial tcp ${address}:${port}: ${dialWords.get(connected.error) ?? connected.error}`,
      );
      return 1;
    }
    const stream = scheme === 'https' ? yield* openTls(connected.value) : ok(socketStream(connected.value));
    const response = stream.ok ? yield* ask(stream.value, request, method) : stream;
    if (!response.ok) {
      yield* sys.printError(response.error);
      return 1;
    }
    yield* sys.print(`${response.value.head}\n`);
    yield* sys.write(1, response.value.body);
    return 0;
  };
}

function* openTls(socket: number): sys.Sys<Result<ByteStream, string>> {
  const opened = yield* connectTls(socket, { serverName: '', alpn: ['http/1.1'] }, takeAnyCertificate);
  if (opened.ok) return ok(opened.value.stream);
  return err(
    opened.error.kind === 'not-tls' ? 'tls: first record does not look like a TLS handshake' : 'EOF',
  );
}

function* ask(
  stream: ByteStream,
  request: Uint8Array,
  method: string,
): sys.Sys<Result<{ readonly head: string; readonly body: Uint8Array }, string>> {
  const sent = yield* stream.send(request);
  if (!sent.ok) return err('EOF');
  const response = yield* readResponse(new ReceiveBuffer(stream), method);
  if (!response.ok) return err(readWords(response.error));
  const { status: code, headers, body } = response.value;
  return ok({ head: JSON.stringify({ code, headers }), body });
}

function readWords(failure: ReadFailure): string {
  if (failure.kind !== 'malformed') return 'EOF';
  const line = failure.text.split(/\r?\n/, 1)[0] ?? '';
  return `net/http: HTTP/1.x transport connection broken: malformed HTTP response ${JSON.stringify(line)}`;
}

const dialWords: ReadonlyMap<Errno, string> = new Map([
  ['ECONNREFUSED', 'connect: connection refused'],
  ['EHOSTUNREACH', 'connect: no route to host'],
  ['ENETUNREACH', 'connect: network is unreachable'],
  ['ETIMEDOUT', 'i/o timeout'],
]);
