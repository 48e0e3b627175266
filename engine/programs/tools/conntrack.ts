/**
 * conntrack: the connections that the kernel remembers, looked at, counted and forgotten.
 * Source: conntrack-tools 1.4.7 (conntrack.c), conntrack(8). Left out: events (-E), statistics (-S), changes (-I, -U), and
 * deletion by anything but protocol, addresses and destination port.
 */
import * as sys from '../../net/process/sys.ts';
import type { Program } from '../../net/process/syscalls.ts';
import { type ParsedArguments, parseArguments } from '../arguments.ts';

/** conntrack. */
export const conntrack: Program = function* ({ argv }) {
  const parsed = parseArguments(withNatValues(argv.slice(1)), {
    flags: {
      L: 'list',
      dump: 'list',
      D: 'delete',
      delete: 'delete',
      F: 'flush',
      flush: 'flush',
      C: 'count',
      count: 'count',
      E: 'events',
      event: 'events',
      S: 'stats',
      stats: 'stats',
      V: 'version',
      version: 'version',
    },
    values: {
      p: 'protocol',
      proto: 'protocol',
      s: 'source',
      src: 'source',
      'orig-src': 'source',
      d: 'destination',
      dst: 'destination',
      'orig-dst': 'destination',
      r: 'reply',
      'reply-src': 'reply',
      dport: 'port',
      'orig-port-dst': 'port',
      t: 'table',
      table: 'table',
      f: 'family',
      family: 'family',
      o: 'output',
      output: 'output',
      n: 'src-nat',
      'src-nat': 'src-nat',
      g: 'dst-nat',
      'dst-nat': 'dst-nat',
      j: 'any-nat',
      'any-nat': 'any-nat',
      q: 'reply-destination',
      'reply-dst': 'reply-destination',
      sport: 'source-port',
      'orig-port-src': 'source-port',
      state: 'state',
      u: 'status',
      status: 'status',
      m: 'mark',
      mark: 'mark',
    },
  });
  const flags = parsed.ok ? parsed.value.flags : new Set<string>();
  if (flags.has('version')) {
    yield* sys.print('conntrack v1.4.7 (conntrack-tools)\n');
    return 0;
  }
  if (!parsed.ok || !['list', 'delete', 'flush', 'count'].some((name) => flags.has(name))) {
    yield* sys.printError('conntrack v1.4.7 (conntrack-tools): Only -L, -C, -D and -F are simulated.\n');
    return 2;
  }
  const filter = filterOf(parsed.value);
  const isKept = keptLines(parsed.value);
  if (flags.has('delete') && isKept !== undefined) {
    yield* sys.printError('conntrack v1.4.7 (conntrack-tools): this filter is not simulated for -D.\n');
    return 2;
  }
  if (flags.has('flush')) {
    const flushed = yield* sys.configure({ part: 'conntrack' });
    const done = 'connection tracking table has been emptied.';
    const text = flushed?.errno === undefined ? done : `Operation failed: ${denied}`;
    yield* sys.printError(`conntrack v1.4.7 (conntrack-tools): ${text}\n`);
    return flushed?.errno === undefined ? 0 : 1;
  }
  const facts = yield* sys.inspect('conntrack', filter);
  const all = Array.isArray(facts) ? facts.map(String) : [];
  const lines = isKept === undefined ? all : all.filter(isKept);
  if (flags.has('count')) {
    yield* sys.print(`${all.length}\n`);
    return 0;
  }
  if (flags.has('list')) {
    const isExtended = parsed.value.value('output')?.split(',').includes('extended') === true;
    yield* sys.print(lines.map((line) => `${isExtended ? 'ipv4     2 ' : ''}${line}\n`).join(''));
    yield* sys.printError(
      `conntrack v1.4.7 (conntrack-tools): ${lines.length} flow entries have been shown.\n`,
    );
    return 0;
  }
  const refused = yield* sys.configure({ part: 'conntrack', ...filter });
  if (refused?.errno !== undefined) {
    yield* sys.printError(`conntrack v1.4.7 (conntrack-tools): Operation failed: ${denied}\n`);
    return 1;
  }
  yield* sys.print(lines.map((line) => `${line}\n`).join(''));
  yield* sys.printError(
    `conntrack v1.4.7 (conntrack-tools): ${lines.length} flow entries have been deleted.\n`,
  );
  // Source: conntrack(8): deleting nothing is a failure.
  return lines.length === 0 ? 1 : 0;
};

const denied = 'sorry, you must be root or get CAP_NET_ADMIN capability to do this';

/** Filters are about the original direction, but for the reply's source. */
function filterOf(args: ParsedArguments) {
  const protocol = args.value('protocol');
  const source = args.value('source');
  const destination = args.value('destination');
  const port = args.value('port');
  const replySource = args.value('reply');
  return {
    ...(protocol === undefined ? {} : { protocol }),
    ...(source === undefined ? {} : { source }),
    ...(destination === undefined ? {} : { destination }),
    ...(port === undefined ? {} : { destinationPort: Number(port) }),
    ...(replySource === undefined ? {} : { replySource }),
  };
}

/** `-n`, `-g` and `-j` may stand alone, where any address is meant. */
function withNatValues(words: readonly string[]): readonly string[] {
  return words.flatMap((word, index) => {
    const isNat = ['-n', '--src-nat', '-g', '--dst-nat', '-j', '--any-nat'].includes(word);
    const next = words[index + 1];
    return isNat && (next === undefined || next.startsWith('-')) ? [word, ''] : [word];
  });
}

/** What else lines are chosen by; undefined when by nothing. */
function keptLines(args: ParsedArguments): ((line: string) => boolean) | undefined {
  const tests = [...tupleTests(args), ...wordTests(args)];
  return tests.length === 0 ? undefined : (line) => tests.every((test) => test(line));
}

/** By what translation of addresses made of a connection. */
function tupleTests(args: ParsedArguments): readonly ((line: string) => boolean)[] {
  const has = (name: string) => args.value(name) !== undefined;
  const isOf = (name: string, address: string) => args.value(name) === '' || args.value(name) === address;
  const source = (line: string) => {
    const { original, reply } = tuplesOf(line);
    return (
      original.source !== reply.destination && isOf(has('src-nat') ? 'src-nat' : 'any-nat', reply.destination)
    );
  };
  const destination = (line: string) => {
    const { original, reply } = tuplesOf(line);
    return (
      original.destination !== reply.source && isOf(has('dst-nat') ? 'dst-nat' : 'any-nat', reply.source)
    );
  };
  return [
    ...(has('src-nat') ? [source] : []),
    ...(has('dst-nat') ? [destination] : []),
    ...(has('any-nat') ? [(line: string) => source(line) || destination(line)] : []),
    ...(has('reply-destination')
      ? [(line: string) => tuplesOf(line).reply.destination === args.value('reply-destination')]
      : []),
  ];
}

function wordTests(args: ParsedArguments): readonly ((line: string) => boolean)[] {
  const [state, status, port, mark] = ['state', 'status', 'source-port', 'mark'].map((name) =>
    args.value(name),
  );
  const flags = (line: string) => [
    ...(line.includes('[ASSURED]') ? ['ASSURED'] : []),
    line.includes('[UNREPLIED]') ? 'UNREPLIED' : 'SEEN_REPLY',
  ];
  return [
    ...(state === undefined ? [] : [(line: string) => line.split(/\s+/)[3] === state]),
    ...(status === undefined
      ? []
      : [(line: string) => status.split(',').every((word) => flags(line).includes(word))]),
    ...(port === undefined ? [] : [(line: string) => /sport=(\d+)/.exec(line)?.[1] === port]),
    ...(mark === undefined ? [] : [(line: string) => / mark=(\d+)/.exec(line)?.[1] === String(Number(mark))]),
  ];
}

function tuplesOf(line: string) {
  const [first, second] = [...line.matchAll(/src=(\S+) dst=(\S+)/g)].map(
    ([, source = '', destination = '']) => ({
      source,
      destination,
    }),
  );
  const none = { source: '', destination: '' };
  return { original: first ?? none, reply: second ?? none };
}
