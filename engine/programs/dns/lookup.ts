/** What the look-up tools have in common: which servers they ask, and one question at a time. */
import { err, ok, type Result } from '../../base/result.ts';
import * as sys from '../../net/process/sys.ts';
import {
  type DnsMessage,
  type DnsQuestion,
  type DnsRecord,
  encodeMessage,
  isEncodableName,
} from './message.ts';
import {
  askOverTcp,
  askServer,
  parseResolvConf,
  type QueryFailure,
  type ResolverConfig,
} from './resolver.ts';

/** A question with what came of it. */
export interface LookUp {
  readonly question: DnsQuestion;
  readonly reply?: DnsMessage;
  readonly failure?: QueryFailure;
  /** Virtual milliseconds that it took. */
  readonly tookMs: number;
  /** How many times a server was asked in vain. */
  readonly failedTries: number;
}

/** What /etc/resolv.conf says. */
export function* readResolverConfig(): sys.Sys<ResolverConfig> {
  return parseResolvConf((yield* sys.readText('/etc/resolv.conf')) ?? '');
}

/** Asks one server, as often as `tries` says. */
export function* lookUp(
  server: { readonly address: string; readonly port?: number; readonly isOverTcp?: boolean },
  question: DnsQuestion,
  patience: { readonly timeoutMs: number; readonly tries: number },
): sys.Sys<LookUp> {
  const startedMs = yield* sys.now();
  if (!isEncodableName(question.name)) return { question, failure: 'unreachable', tookMs: 0, failedTries: 1 };
  let failure: QueryFailure = 'timed-out';
  for (let attempt = 0; attempt < patience.tries; attempt += 1) {
    const asked = yield* ask(server, question, patience.timeoutMs);
    const tookMs = (yield* sys.now()) - startedMs;
    if (asked.ok) return { question, reply: asked.value, tookMs, failedTries: attempt };
    failure = asked.error;
  }
  return { question, failure, tookMs: (yield* sys.now()) - startedMs, failedTries: patience.tries };
}

function* ask(
  { address, port = 53, isOverTcp }: Parameters<typeof lookUp>[0],
  question: DnsQuestion,
  timeoutMs: number,
): sys.Sys<Result<DnsMessage, QueryFailure>> {
  if (isOverTcp === true) return yield* askOverTcp(address, port, question, timeoutMs);
  const replies = yield* askServer(address, port, [question], timeoutMs);
  if (!replies.ok) return replies;
  const [reply] = replies.value;
  return reply === undefined ? err('timed-out') : ok(reply);
}

/** The name under which an address is asked for: `2.1.96.10.in-addr.arpa`. */
export function reverseName(address: string): string {
  return `${address.split('.').reverse().join('.')}.in-addr.arpa`;
}

/** A record's data as the tools print it. With `dot`, names end with one. */
export function formatData(record: DnsRecord, dot: boolean): string {
  const name = (text: string) => (dot && !text.endsWith('.') ? `${text}.` : text);
  switch (record.type) {
    case 'SRV': {
      const { priority, weight, port, target } = record.data;
      return `${priority} ${weight} ${port} ${name(target)}`;
    }
    case 'SOA': {
      const { mname, rname, serial, refresh, retry, expire, minimum } = record.data;
      return `${name(mname)} ${name(rname)} ${serial} ${refresh} ${retry} ${expire} ${minimum}`;
    }
    case 'A':
    case 'AAAA':
      return record.data;
    case 'TXT':
      return JSON.stringify(record.data);
    default:
      return name(record.data);
  }
}

/** The length of a message on the wire, as `dig` tells it. */
export function wireLength(reply: DnsMessage): number {
  return encodeMessage(reply).length;
}
