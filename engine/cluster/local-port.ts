/**
 * A port on a machine whose connections are served from outside of it, as `kubectl port-forward` serves those that come to
 * the learner's own machine: a process there listens, and carries every connection as lines of its own input and output.
 */

import { err, invariant, ok, type Result } from '../base/result.ts';
import type { LocalConnection, LocalListener } from '../kubectl/host.ts';
import type { FileLayer, ProcessAdmin } from '../net/linux.ts';
import * as sys from '../net/process/sys.ts';
import type { Program } from '../net/process/syscalls.ts';

const programName = 'local-port';
const file = '/usr/bin/local-port';

/**
 * Tells in lines `open ID PORT`, `data ID HEX` and `end ID`; takes lines `ID HEX`, where no bytes mean the end. Its threads
 * are started with the socket that they read, or with the word for standard input.
 */
const localPort: Program = function* ({ argv, resume }) {
  if (resume === 'input') return yield* carryInput();
  if (typeof resume === 'number') return yield* carryOutput(resume);
  const listener = yield* sys.listen('tcp', argv[1] ?? '', Number(argv[2]));
  if (!listener.ok) {
    const why = listener.error === 'EADDRINUSE' ? 'address already in use' : listener.error;
    yield* sys.print(`failed ${why}\n`);
    return 1;
  }
  const name = yield* sys.socketName(listener.value);
  yield* sys.print(`listening ${name.ok ? name.value.local.port : 0}\n`);
  yield* sys.thread('input');
  for (;;) {
    const accepted = yield* sys.accept(listener.value);
    if (!accepted.ok) return 1;
    const { socket, peer } = accepted.value;
    yield* sys.print(`open ${socket} ${peer.port}\n`);
    yield* sys.thread(socket);
  }
};

/** What has to be registered for ports to be opened. */
export const localPortPrograms = [[programName, localPort]] as const;

/** All that the process sees. */
const layer: FileLayer = Object.freeze({ files: new Map([[file, Object.freeze({ program: programName })]]) });

/** What opening a port needs: `runUntil` lets time pass until something holds. */
export interface LocalPortDeps {
  readonly processes: ProcessAdmin;
  /** The machine, whose own namespace it is. */
  readonly machine: string;
  runUntil(done: () => boolean): void;
  /** Calls back whenever something has happened; the returned function ends it. */
  watch(listener: () => void): () => void;
}

/** Opens a port; `accept` is called while time passes. An error is worded as Go's net package does it. */
export function openLocalPort(
  { processes, machine, runUntil, watch }: LocalPortDeps,
  { address, port }: { readonly address: string; readonly port: number },
  accept: (connection: LocalConnection) => void,
): Result<LocalListener, string> {
  // Differs: the machines have no IPv6; a host with it opens both.
  if (address.includes(':')) {
    return err(`listen tcp6 [${address}]:${port}: bind: cannot assign requested address`);
  }
  const rootfs = processes.addRootfs([layer]);
  const argv = [file, address, String(port)];
  const spawned = processes.spawn({
    machine,
    netns: machine,
    rootfs,
    hostname: machine,
    argv,
    stdinOpen: true,
  });
  invariant(spawned.ok, 'the listening process did not start');
  const pid = spawned.value;
  const lines = new OutputLines(processes, pid);
  const [first = ''] = waitForLine(lines, runUntil);
  const [word, rest = ''] = splitOnce(first);
  if (word !== 'listening') {
    processes.forget(pid);
    processes.removeRootfs(rootfs);
    return err(`listen tcp4 ${address}:${port}: bind: ${rest}`);
  }
  const connections = new Map<string, Incoming>();
  const write = (line: string) => {
    if (processes.isRunning(pid)) processes.writeStdin(pid, new TextEncoder().encode(`${line}\n`));
  };
  const unwatch = watch(() => {
    for (const line of lines.take()) {
      const [kind, text] = splitOnce(line);
      const [id, content] = splitOnce(text);
      if (kind === 'open') {
        const incoming = new Incoming(Number(content), (bytes) => write(`${id} ${bytes}`));
        connections.set(id, incoming);
        accept(incoming);
      } else if (kind === 'data') connections.get(id)?.add(fromHex(content));
      else if (kind === 'end') connections.get(id)?.end();
    }
  });
  return ok({
    port: Number(rest),
    close() {
      unwatch();
      if (processes.isRunning(pid)) processes.kill(pid, 'SIGKILL');
      processes.removeRootfs(rootfs);
    },
  });
}

function waitForLine(lines: OutputLines, runUntil: LocalPortDeps['runUntil']): readonly string[] {
  let found: readonly string[] = [];
  runUntil(() => {
    if (found.length === 0) found = lines.take();
    return found.length > 0;
  });
  return found;
}

/** The whole lines that a process prints. */
class OutputLines {
  readonly #processes: ProcessAdmin;
  readonly #pid: number;
  readonly #decoder = new TextDecoder();
  #read = 0;
  #rest = '';

  constructor(processes: ProcessAdmin, pid: number) {
    this.#processes = processes;
    this.#pid = pid;
  }

  take(): readonly string[] {
    const bytes = this.#processes.readOutput(this.#pid, 'stdout', this.#read);
    if (bytes.length === 0) return [];
    this.#read += bytes.length;
    const lines = (this.#rest + this.#decoder.decode(bytes)).split('\n');
    this.#rest = lines.pop() ?? '';
    return lines;
  }
}

/** A connection that came, seen from outside of the machine. */
class Incoming implements LocalConnection {
  readonly clientPort: number;
  readonly #send: (hex: string) => void;
  #waiting: Uint8Array[] = [];
  #isEnded = false;
  #isClosed = false;

  constructor(clientPort: number, send: (hex: string) => void) {
    this.clientPort = clientPort;
    this.#send = send;
  }

  add(bytes: Uint8Array): void {
    this.#waiting.push(bytes);
  }

  end(): void {
    this.#isEnded = true;
  }

  read(): Uint8Array {
    const parts = this.#waiting;
    this.#waiting = [];
    const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }

  isEnded(): boolean {
    return this.#isEnded && this.#waiting.length === 0;
  }

  write(bytes: Uint8Array): void {
    if (!this.#isClosed && bytes.length > 0) this.#send(toHex(bytes));
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#send('');
  }
}

function* carryOutput(socket: number): sys.Sys<number> {
  for (;;) {
    const received = yield* sys.receive(socket);
    if (!received.ok || received.value === undefined) {
      yield* sys.print(`end ${socket}\n`);
      return 0;
    }
    yield* sys.print(`data ${socket} ${toHex(received.value)}\n`);
  }
}

function* carryInput(): sys.Sys<number> {
  for (;;) {
    const line = yield* sys.readStdin({ line: true });
    if (line === undefined) return yield* sys.exit(0);
    const [socket, hex] = splitOnce(sys.toText(line).trimEnd());
    if (hex === '') yield* sys.close(Number(socket));
    else yield* sys.send(Number(socket), fromHex(hex));
  }
}

function splitOnce(line: string): readonly [string, string] {
  const at = line.indexOf(' ');
  return at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at + 1)];
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function fromHex(hex: string): Uint8Array {
  return Uint8Array.from({ length: hex.length / 2 }, (_, at) =>
    Number.parseInt(hex.slice(2 * at, 2 * at + 2), 16),
  );
}
