/**
 * How a program finds the addresses of a name: /etc/hosts, then DNS as /etc/resolv.conf says, over sockets. It stands
 * for the resolver of the C library. Left out: nsswitch.conf, caching (libc has none), IPv6 addresses in answers.
 * Source: resolv.conf(5), res_search of glibc.
 */
import { err, ok, type Result } from '../../base/result.ts';
import { joinBytes } from '../../net/process/bytes.ts';
import * as sys from '../../net/process/sys.ts';
import {
  createQuery,
  type DnsMessage,
  type DnsRecord,
  type DnsType,
  decodeMessage,
  encodeMessage,
  isEncodableName,
} from './message.ts';

/** What resolv.conf says. */
export interface ResolverConfig {
  readonly nameservers: readonly string[];
  readonly search: readonly string[];
  readonly ndots: number;
  readonly timeoutMs: number;
  readonly attempts: number;
}

/** Why a server gave no answer. */
export type QueryFailure = 'timed-out' | 'refused' | 'unreachable';

/** Why a name has no address. */
export type ResolveFailure = 'not-found' | 'no-address' | 'no-answer';

/** The addresses of a name, and the name under which they were found. */
export interface Resolved {
  readonly addresses: readonly string[];
  readonly canonicalName: string;
  /** Whether DNS was asked at all. */
  readonly source: 'literal' | 'hosts' | 'dns';
}

/** Whether a text is an IPv4 address in dotted form. */
export function isIPv4(text: string): boolean {
  const parts = text.split('.');
  return parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255);
}

/** Finds the IPv4 addresses of a name. */
export function* resolveName(name: string): sys.Sys<Result<Resolved, ResolveFailure>> {
  if (isIPv4(name)) return ok({ addresses: [name], canonicalName: name, source: 'literal' });
  const inHosts = findInHosts((yield* sys.readText('/etc/hosts')) ?? '', name);
  if (inHosts !== undefined) return ok({ ...inHosts, source: 'hosts' });
  // RFC 6761: localhost is this machine whether or not a file says so.
  if (name === 'localhost') return ok({ addresses: ['127.0.0.1'], canonicalName: name, source: 'hosts' });
  if (!isEncodableName(name)) return err('not-found');
  const config = parseResolvConf((yield* sys.readText('/etc/resolv.conf')) ?? '');
  let failure: ResolveFailure = 'not-found';
  for (const candidate of searchCandidates(name, config)) {
    const replies = yield* ask(config, [
      { name: candidate, type: 'A' },
      { name: candidate, type: 'AAAA' },
    ]);
    if (!replies.ok) return err('no-answer');
    const [reply] = replies.value;
    if (reply === undefined) return err('no-answer');
    if (reply.rcode === 'NOERROR') {
      const { addresses, canonicalName } = followAliases(reply.answers, candidate, 'A');
      if (addresses.length > 0) return ok({ addresses, canonicalName, source: 'dns' });
      failure = 'no-address';
    } else if (reply.rcode !== 'NXDOMAIN') {
      failure = 'no-answer';
    }
  }
  return err(failure);
}

/** The names to ask for, in order. */
export function searchCandidates(
  name: string,
  config: Pick<ResolverConfig, 'search' | 'ndots'>,
): readonly string[] {
  if (name.endsWith('.')) return [name.slice(0, -1)];
  const dots = name.split('.').length - 1;
  const searched = config.search.map((domain) => `${name}.${domain}`).filter(isEncodableName);
  return dots >= config.ndots ? [name, ...searched] : [...searched, name];
}

/** Reads resolv.conf; what is missing has the resolver's defaults. */
export function parseResolvConf(text: string): ResolverConfig {
  const nameservers: string[] = [];
  let search: readonly string[] = [];
  const options = new Map<string, number>();
  for (const line of text.split('\n')) {
    const [keyword, ...values] = line.trim().split(/\s+/);
    if (keyword === 'nameserver' && values[0] !== undefined && nameservers.length < 3)
      nameservers.push(values[0]);
    if (keyword === 'search' || keyword === 'domain')
      search = values.map((domain) => domain.replace(/\.$/, ''));
    if (keyword === 'options') {
      for (const option of values) {
        const [key = '', value = '1'] = option.split(':');
        options.set(key, Number(value));
      }
    }
  }
  return {
    nameservers: nameservers.length === 0 ? ['127.0.0.1'] : nameservers,
    search,
    ndots: Math.min(options.get('ndots') ?? 1, 15),
    timeoutMs: 1000 * Math.min(options.get('timeout') ?? 5, 30),
    attempts: Math.min(options.get('attempts') ?? 2, 5),
  };
}

/** Asks the configured servers in turn, all questions at once, until one has answered all of them. */
function* ask(
  config: Pick<ResolverConfig, 'nameservers' | 'timeoutMs' | 'attempts'>,
  questions: readonly { readonly name: string; readonly type: DnsType }[],
): sys.Sys<Result<readonly DnsMessage[], QueryFailure>> {
  let failure: QueryFailure = 'timed-out';
  for (let attempt = 0; attempt < config.attempts; attempt += 1) {
    for (const server of config.nameservers) {
      const replies = yield* askServer(server, 53, questions, config.timeoutMs);
      if (replies.ok) return replies;
      failure = replies.error;
    }
  }
  return err(failure);
}

/** Asks one server over UDP, and again over TCP what was cut. */
export function* askServer(
  server: string,
  port: number,
  questions: readonly { readonly name: string; readonly type: DnsType }[],
  timeoutMs: number,
): sys.Sys<Result<readonly DnsMessage[], QueryFailure>> {
  const socket = yield* sys.listen('udp', '0.0.0.0', 0);
  if (!socket.ok) return err('unreachable');
  const replies = yield* askOver(socket.value, server, port, questions, timeoutMs);
  yield* sys.close(socket.value);
  if (!replies.ok) return replies;
  const whole: DnsMessage[] = [];
  for (const reply of replies.value) {
    const overTcp =
      reply.truncated && reply.question !== undefined
        ? yield* askOverTcp(server, port, reply.question, timeoutMs)
        : undefined;
    whole.push(overTcp?.ok === true ? overTcp.value : reply);
  }
  return ok(whole);
}

/** Asks one server over TCP, whose messages carry their length in front. */
export function* askOverTcp(
  server: string,
  port: number,
  question: { readonly name: string; readonly type: DnsType },
  timeoutMs: number,
): sys.Sys<Result<DnsMessage, QueryFailure>> {
  const socket = yield* sys.connect(server, port, { timeoutMs });
  if (!socket.ok)
    return err(
      socket.error === 'ECONNREFUSED'
        ? 'refused'
        : socket.error === 'ETIMEDOUT'
          ? 'timed-out'
          : 'unreachable',
    );
  const id = Math.floor((yield* sys.random()) * 65_536);
  const query = encodeMessage(createQuery(id, question));
  yield* sys.send(socket.value, Uint8Array.of(query.length >> 8, query.length & 0xff, ...query));
  let bytes: Uint8Array = new Uint8Array();
  for (;;) {
    const received = yield* sys.receive(socket.value, timeoutMs);
    if (!received.ok || received.value === undefined) break;
    bytes = joinBytes([bytes, received.value]);
    const length = 256 * (bytes[0] ?? 0) + (bytes[1] ?? 0);
    if (bytes.length < length + 2 || bytes.length < 2) continue;
    yield* sys.close(socket.value);
    const reply = decodeMessage(bytes.subarray(2, length + 2));
    return reply.ok ? ok(reply.value) : err('timed-out');
  }
  yield* sys.close(socket.value);
  return err('timed-out');
}

/** The addresses that a name leads to through the aliases in an answer. */
function followAliases(
  answers: readonly DnsRecord[],
  name: string,
  type: 'A' | 'AAAA',
): { readonly addresses: readonly string[]; readonly canonicalName: string } {
  let canonicalName = name;
  // Each alias is followed at most once, so that a loop ends.
  for (const _ of answers) {
    const alias = answers.find(
      (record) => record.type === 'CNAME' && record.name.toLowerCase() === canonicalName.toLowerCase(),
    );
    if (alias === undefined || alias.type !== 'CNAME') break;
    canonicalName = alias.data;
  }
  const addresses: string[] = [];
  for (const record of answers) if (record.type === type) addresses.push(record.data);
  return { addresses, canonicalName };
}

function findInHosts(
  text: string,
  name: string,
): { readonly addresses: readonly string[]; readonly canonicalName: string } | undefined {
  const addresses: string[] = [];
  let canonicalName: string | undefined;
  for (const line of text.split('\n')) {
    const [address = '', ...names] = (line.split('#', 1)[0] ?? '').trim().split(/\s+/);
    if (!isIPv4(address) || !names.some((known) => known.toLowerCase() === name.toLowerCase())) continue;
    addresses.push(address);
    canonicalName ??= names[0];
  }
  return canonicalName === undefined ? undefined : { addresses, canonicalName };
}

function* askOver(
  socket: number,
  server: string,
  port: number,
  questions: readonly { readonly name: string; readonly type: DnsType }[],
  timeoutMs: number,
): sys.Sys<Result<readonly DnsMessage[], QueryFailure>> {
  const replies = new Map<number, DnsMessage>();
  const firstId = Math.floor((yield* sys.random()) * 65_000);
  const until = (yield* sys.now()) + timeoutMs;
  for (const [index, question] of questions.entries()) {
    const bytes = encodeMessage(createQuery(firstId + index, question));
    const sent = yield* sys.sendTo(socket, server, port, bytes);
    if (!sent.ok) return err('unreachable');
  }
  while (replies.size < questions.length) {
    const received = yield* sys.receiveFrom(socket, Math.max(0, until - (yield* sys.now())));
    if (!received.ok) {
      if (received.error === 'ETIMEDOUT') return err('timed-out');
      return err(received.error === 'ECONNREFUSED' ? 'refused' : 'unreachable');
    }
    const reply = decodeMessage(received.value.bytes);
    if (!reply.ok || !reply.value.isResponse) continue;
    if (reply.value.id >= firstId && reply.value.id < firstId + questions.length) {
      replies.set(reply.value.id, reply.value);
    }
  }
  return ok(questions.map((_, index) => replies.get(firstId + index)).filter((reply) => reply !== undefined));
}
