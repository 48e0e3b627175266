/** busybox telnet: whether somebody answers at a port, and a line to it. Source: networking/telnet.c of busybox 1.36. */
import * as sys from '../../net/process/sys.ts';
import type { Program } from '../../net/process/syscalls.ts';
import { usageText } from '../applets/applet.ts';
import { parseArguments } from '../arguments.ts';
import { resolveName } from '../dns/resolver.ts';
import { errnoText } from '../errno-text.ts';

const usage = { name: 'telnet', usage: '[-a] [-l USER] HOST [PORT]' } as const;
const telnetPort = 23;

/** Connects, passes on what is typed, and ends with its input or when the other side closes. */
export const telnet: Program = function* ({ argv }) {
  const parsed = parseArguments(argv.slice(1), { flags: { a: 'a' }, values: { l: 'l' } });
  if (!parsed.ok) {
    const letter = parsed.error.option.slice(1);
    yield* sys.printError(`telnet: invalid option -- '${letter}'\n${usageText(usage)}`);
    return 1;
  }
  const [host, service = String(telnetPort)] = parsed.value.operands;
  if (host === undefined) {
    yield* sys.printError(usageText(usage));
    return 1;
  }
  const port = Number(service);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    yield* sys.printError(`telnet: bad port '${service}'\n`);
    return 1;
  }
  const resolved = yield* resolveName(host);
  const address = resolved.ok ? resolved.value.addresses[0] : undefined;
  if (address === undefined) {
    yield* sys.printError(`telnet: bad address '${host}'\n`);
    return 1;
  }
  const socket = yield* sys.connect(address, port);
  if (!socket.ok) {
    const why = socket.error === 'ETIMEDOUT' ? 'Connection timed out' : errnoText(socket.error);
    yield* sys.printError(`telnet: can't connect to remote host (${address}): ${why}\n`);
    return 1;
  }
  yield* sys.print(`Connected to ${host}\n`);
  for (let typed = yield* sys.readStdin(); typed !== undefined; typed = yield* sys.readStdin()) {
    const sent = yield* sys.send(socket.value, typed);
    const ready = sent.ok ? yield* sys.poll([socket.value], answerMs) : [];
    if (ready.length === 0) continue;
    const received = yield* sys.receive(socket.value, answerMs);
    if (received.ok && received.value !== undefined) {
      yield* sys.write(1, received.value);
      continue;
    }
    yield* sys.printError('Connection closed by foreign host\r\n');
    yield* sys.close(socket.value);
    return 1;
  }
  yield* sys.close(socket.value);
  return 0;
};

/** How long an answer is waited for before more is typed: input and connection are not read at once. */
const answerMs = 1_000;
