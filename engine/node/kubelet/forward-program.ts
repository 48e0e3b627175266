/**
 * The container runtime's end of a forwarded port: a connection from inside the Pod's network namespace to its loopback
 * address, standard input towards the server and its answers to standard output. When the connection can't be made, the
 * dialer's words are printed as an error.
 * Source: containerd, internal/cri/server/podsandbox sandbox_portforward_linux.go.
 */
import * as sys from '../../net/process/sys.ts';
import type { Program } from '../../net/process/syscalls.ts';

/** How long the other direction may go on once one has ended. */
const graceMs = 1_000;
const loopback = '127.0.0.1';

/** Connects to the port in argv[1]; a thread carries what the client sends. */
export const forwardProgram: Program = function* ({ argv, resume }) {
  if (typeof resume === 'number') return yield* carryInput(resume);
  const port = Number(argv[1]);
  const connected = yield* sys.connect(loopback, port);
  if (!connected.ok) {
    const why = dialWords.get(connected.error) ?? connected.error;
    // Differs: a node whose hosts file names ::1 would try that address, too.
    yield* sys.printError(
      `IPv4: dial tcp4 ${loopback}:${port}: ${why} IPv6 dial tcp6: address localhost: no suitable address found `,
    );
    return 1;
  }
  yield* sys.thread(connected.value);
  for (;;) {
    const received = yield* sys.receive(connected.value);
    if (!received.ok || received.value === undefined) return yield* sys.exit(0);
    yield* sys.write(1, received.value);
  }
};

function* carryInput(socket: number): sys.Sys<number> {
  for (;;) {
    const bytes = yield* sys.readStdin();
    if (bytes === undefined) break;
    const sent = yield* sys.send(socket, bytes);
    if (!sent.ok) break;
  }
  yield* sys.sleep(graceMs);
  return yield* sys.exit(0);
}

const dialWords: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'connect: connection refused'],
  ['EHOSTUNREACH', 'connect: no route to host'],
  ['ENETUNREACH', 'connect: network is unreachable'],
  ['ETIMEDOUT', 'connect: connection timed out'],
]);
