/**
 * The filters of ss: `state S`, `exclude S`, and expressions of `sport`, `dport`, `src`, `dst` with and, or, not, brackets.
 * Source: ss(8), iproute2 6.1 (misc/ss.c, ssfilter.y). Left out: `dev`, `fwmark`, `cgroup`, `autobound`.
 */
import { err, ok, type Result } from '../../base/result.ts';
import { parseCidr, parseIPv4 } from '../../net/ipv4.ts';
import type { SocketFacts } from '../../net/process/inspect.ts';
import { servicePort } from './service-names.ts';

/** Whether a socket is meant. */
export type SocketFilter = (socket: SocketFacts) => boolean;

/** What the words behind the options ask for. */
export interface SocketSelection {
  /** As SocketFacts names them; undefined when nothing is said of states. */
  readonly states: ReadonlySet<string> | undefined;
  readonly isMeant: SocketFilter;
}

/** Why the words can't be understood. */
export interface FilterFailure {
  readonly message: string;
  readonly exitCode: number;
}

/** Every state, in the order of ss's table. */
export const allStates = [
  'ESTAB',
  'SYN-SENT',
  'SYN-RECV',
  'FIN-WAIT-1',
  'FIN-WAIT-2',
  'TIME-WAIT',
  'UNCONN',
  'CLOSE-WAIT',
  'LAST-ACK',
  'LISTEN',
  'CLOSING',
] as const;

const connected = allStates.filter((state) => state !== 'LISTEN' && state !== 'UNCONN');

const stateNames: ReadonlyMap<string, readonly string[]> = new Map([
  ['all', allStates],
  ['connected', connected],
  ['synchronized', connected.filter((state) => state !== 'SYN-SENT')],
  ['bucket', ['SYN-RECV', 'TIME-WAIT']],
  ['big', allStates.filter((state) => state !== 'SYN-RECV' && state !== 'TIME-WAIT')],
  ['established', ['ESTAB']],
  ['listening', ['LISTEN']],
  ['closed', ['UNCONN']],
  ['unconnected', ['UNCONN']],
  ...allStates.map((state): [string, readonly string[]] => [state.toLowerCase(), [state]]),
]);

/** Brackets inside each other at most. */
const deepest = 50;

/** Reads the words. */
export function parseSelection(words: readonly string[]): Result<SocketSelection, FilterFailure> {
  let states: Set<string> | undefined;
  const tokens = words.flatMap((word) => word.split(/([()]|(?<=^|\s)!(?!=))|\s+/)).filter(Boolean);
  let at = 0;
  while (tokens[at] === 'state' || tokens[at] === 'exclude') {
    const name = tokens[at + 1] ?? '';
    const named = stateNames.get(name.toLowerCase());
    if (named === undefined) return err({ message: `ss: wrong state name: ${name}\n`, exitCode: 255 });
    if (tokens[at] === 'state') states = new Set([...(states ?? []), ...named]);
    else states = new Set([...(states ?? allStates)].filter((state) => !named.includes(state)));
    at += 2;
  }
  if (at >= tokens.length) return ok({ states, isMeant: () => true });
  const reader = new ExpressionReader(tokens.slice(at));
  const isMeant = reader.readEither(0);
  if (isMeant !== undefined && reader.isAtEnd) return ok({ states, isMeant });
  const message =
    reader.wrongPrefix === undefined
      ? 'ss: bison bellows (while parsing filter): "syntax error!" Sorry.\nUsage: ss [ OPTIONS ]\n       ss [ OPTIONS ] [ FILTER ]\n'
      : `Error: an inet prefix is expected rather than "${reader.wrongPrefix}".\nCannot parse dst/src address.\n`;
  return err({ message, exitCode: reader.wrongPrefix === undefined ? 255 : 1 });
}

const comparisons: ReadonlyMap<string, (own: number, asked: number) => boolean> = new Map(
  [
    { words: '= == eq', holds: (own: number, asked: number) => own === asked },
    { words: '!= ne neq', holds: (own: number, asked: number) => own !== asked },
    { words: '>= ge geq', holds: (own: number, asked: number) => own >= asked },
    { words: '<= le leq', holds: (own: number, asked: number) => own <= asked },
    { words: '> gt', holds: (own: number, asked: number) => own > asked },
    { words: '< lt', holds: (own: number, asked: number) => own < asked },
  ].flatMap(({ words, holds }) => words.split(' ').map((word) => [word, holds])),
);

type End = { readonly address: string; readonly port: number };

class ExpressionReader {
  readonly #tokens: readonly string[];
  #at = 0;
  /** An address that is none. */
  wrongPrefix: string | undefined;

  constructor(tokens: readonly string[]) {
    this.#tokens = tokens;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#tokens.length;
  }

  readEither(depth: number): SocketFilter | undefined {
    let left = this.#readBoth(depth);
    while (left !== undefined && this.#takes(['or', '|', '||'])) {
      const [before, right] = [left, this.#readBoth(depth)];
      left = right === undefined ? undefined : (socket) => before(socket) || right(socket);
    }
    return left;
  }

  /** Conditions side by side count as joined by `and`. */
  #readBoth(depth: number): SocketFilter | undefined {
    let left = this.#readOne(depth);
    while (left !== undefined && !this.isAtEnd && ![')', 'or', '|', '||'].includes(this.#next)) {
      this.#takes(['and', '&', '&&']);
      const [before, right] = [left, this.#readOne(depth)];
      left = right === undefined ? undefined : (socket) => before(socket) && right(socket);
    }
    return left;
  }

  #readOne(depth: number): SocketFilter | undefined {
    if (depth > deepest) return undefined;
    if (this.#takes(['not', '!'])) {
      const inner = this.#readOne(depth + 1);
      return inner === undefined ? undefined : (socket) => !inner(socket);
    }
    if (this.#takes(['('])) {
      const inner = this.readEither(depth + 1);
      return inner !== undefined && this.#takes([')']) ? inner : undefined;
    }
    return this.#readCondition();
  }

  #readCondition(): SocketFilter | undefined {
    const field = ['sport', 'dport', 'src', 'dst'].includes(this.#next) ? this.#take() : undefined;
    const isPort = field === 'sport' || field === 'dport';
    const isLocal = field === 'sport' || field === 'src';
    const holds = comparisons.get(this.#next);
    if (holds !== undefined) this.#take();
    const value = this.#take();
    if (field === undefined) {
      this.wrongPrefix = value;
      return undefined;
    }
    const compare = holds ?? comparisons.get('=');
    const end = ({ local, peer }: SocketFacts): End =>
      isLocal ? local : (peer ?? { address: '0.0.0.0', port: 0 });
    if (isPort) {
      const port = servicePort(value.replace(/^.*:/, ''));
      return port === undefined || compare === undefined
        ? undefined
        : (socket) => compare(end(socket).port, port);
    }
    const isThere = parseEnd(value);
    if (isThere === undefined) {
      this.wrongPrefix = value;
      return undefined;
    }
    return compare?.(0, 1) === true ? (socket) => !isThere(end(socket)) : (socket) => isThere(end(socket));
  }

  get #next(): string {
    return this.#tokens[this.#at] ?? '';
  }

  #take(): string {
    this.#at += 1;
    return this.#tokens[this.#at - 1] ?? '';
  }

  #takes(words: readonly string[]): boolean {
    if (!words.includes(this.#next)) return false;
    this.#at += 1;
    return true;
  }
}

/** `ADDRESS[/LENGTH][:PORT]`, `:PORT`, `*`. */
function parseEnd(text: string): ((end: End) => boolean) | undefined {
  const [host = '', portText] = text.split(':');
  const port =
    portText === undefined || portText === '*' || portText === '' ? undefined : servicePort(portText);
  if (portText !== undefined && portText !== '*' && portText !== '' && port === undefined) return undefined;
  const isPort = (end: End) => port === undefined || end.port === port;
  if (host === '' || host === '*') return isPort;
  const prefix = parseCidr(host.includes('/') ? host : `${host}/32`)?.prefix;
  if (prefix === undefined) return undefined;
  const shift = 32 - prefix.length;
  return (end) => {
    const value = parseIPv4(end.address);
    if (value === undefined || !isPort(end)) return false;
    return shift === 32 || value >>> shift === prefix.network >>> shift;
  };
}
