/** DNS messages and their bytes. The encoding is dns-packet's; it is loaded when the first message is. */
import { createRequire } from 'node:module';
import type { Answer, DecodedPacket, RecordType } from 'dns-packet';
import { err, ok, type Result } from '../../base/result.ts';

/** Types of records that anything here asks for or answers with. */
export type DnsType = 'A' | 'AAAA' | 'CNAME' | 'NS' | 'PTR' | 'SOA' | 'SRV' | 'TXT' | 'MX' | 'ANY';

/** A record. Names have no final dot. */
export type DnsRecord =
  | {
      readonly type: 'A' | 'AAAA' | 'CNAME' | 'NS' | 'PTR' | 'TXT';
      readonly name: string;
      readonly ttl: number;
      readonly data: string;
    }
  | { readonly type: 'SRV'; readonly name: string; readonly ttl: number; readonly data: SrvData }
  | { readonly type: 'SOA'; readonly name: string; readonly ttl: number; readonly data: SoaData };

/** The data of an SRV record. */
export type SrvData = {
  readonly priority: number;
  readonly weight: number;
  readonly port: number;
  readonly target: string;
};

/** The data of an SOA record. */
export type SoaData = {
  readonly mname: string;
  readonly rname: string;
  readonly serial: number;
  readonly refresh: number;
  readonly retry: number;
  readonly expire: number;
  readonly minimum: number;
};

/** Response codes by name. Source: RFC 1035, section 4.1.1. */
export const rcodes = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED'] as const;

export type Rcode = (typeof rcodes)[number];

/** What is asked. */
export type DnsQuestion = { readonly name: string; readonly type: DnsType };

/** A query or a response. */
export interface DnsMessage {
  readonly id: number;
  readonly isResponse: boolean;
  readonly authoritative: boolean;
  readonly truncated: boolean;
  readonly recursionDesired: boolean;
  readonly recursionAvailable: boolean;
  readonly rcode: Rcode;
  readonly question: DnsQuestion | undefined;
  readonly answers: readonly DnsRecord[];
  readonly authorities: readonly DnsRecord[];
  readonly additionals: readonly DnsRecord[];
}

/** A question as a message. */
export function createQuery(id: number, question: DnsQuestion): DnsMessage {
  return {
    id,
    isResponse: false,
    authoritative: false,
    truncated: false,
    recursionDesired: true,
    recursionAvailable: false,
    rcode: 'NOERROR',
    question,
    answers: [],
    authorities: [],
    additionals: [],
  };
}

/** Whether a name fits DNS: labels of 1–63 bytes, 253 in all. Source: RFC 1035, section 2.3.4. */
export function isEncodableName(name: string): boolean {
  const bare = name.endsWith('.') ? name.slice(0, -1) : name;
  if (bare === '') return name === '.';
  return bare.length <= 253 && bare.split('.').every((label) => label.length > 0 && label.length <= 63);
}

/** The bytes of a message whose names are encodable. */
export function encodeMessage(message: DnsMessage): Uint8Array {
  const { encode } = codec();
  const flags =
    (message.authoritative ? 0x0400 : 0) |
    (message.truncated ? 0x0200 : 0) |
    (message.recursionDesired ? 0x0100 : 0) |
    (message.recursionAvailable ? 0x0080 : 0) |
    rcodes.indexOf(message.rcode);
  const bytes = encode({
    type: message.isResponse ? 'response' : 'query',
    id: message.id,
    flags,
    questions: message.question === undefined ? [] : [toQuestion(message.question)],
    answers: message.answers.map(toAnswer),
    authorities: message.authorities.map(toAnswer),
    additionals: message.additionals.map(toAnswer),
  });
  return new Uint8Array(bytes);
}

/** The message in bytes, or why there is none. */
export function decodeMessage(bytes: Uint8Array): Result<DnsMessage, string> {
  let packet: DecodedPacket;
  try {
    packet = codec().decode(Buffer.from(bytes));
  } catch (error) {
    return err(error instanceof Error ? error.message : 'not a DNS message');
  }
  const [question] = packet.questions ?? [];
  const type = question === undefined ? undefined : dnsTypes.get(question.type);
  return ok({
    id: packet.id ?? 0,
    isResponse: packet.flag_qr,
    authoritative: packet.flag_aa,
    truncated: packet.flag_tc,
    recursionDesired: packet.flag_rd,
    recursionAvailable: packet.flag_ra,
    rcode: rcodes[(packet.flags ?? 0) & 0x000f] ?? 'SERVFAIL',
    question: question === undefined || type === undefined ? undefined : { name: question.name, type },
    answers: fromAnswers(packet.answers ?? []),
    authorities: fromAnswers(packet.authorities ?? []),
    additionals: fromAnswers(packet.additionals ?? []),
  });
}

/** A type by its name in any case. */
export function parseDnsType(text: string): DnsType | undefined {
  return dnsTypes.get(text.toUpperCase());
}

const dnsTypes: ReadonlyMap<string, DnsType> = new Map(
  (['A', 'AAAA', 'CNAME', 'NS', 'PTR', 'SOA', 'SRV', 'TXT', 'MX', 'ANY'] as const).map((type) => [
    type,
    type,
  ]),
);

const load = createRequire(import.meta.url);

function codec(): typeof import('dns-packet') {
  return load('dns-packet');
}

function toQuestion({ name, type }: DnsQuestion): { readonly name: string; readonly type: RecordType } {
  return { name, type: isRecordType(type) ? type : 'TXT' };
}

/** The codec's table of types knows ANY, its TypeScript type does not. */
function isRecordType(type: string): type is RecordType {
  return dnsTypes.has(type);
}

function toAnswer(record: DnsRecord): Answer {
  switch (record.type) {
    case 'SRV':
    case 'SOA':
    case 'TXT':
      return { ...record };
    default:
      return { ...record, type: record.type };
  }
}

function fromAnswers(answers: readonly Answer[]): readonly DnsRecord[] {
  const records: DnsRecord[] = [];
  for (const answer of answers) {
    if (answer.type === 'OPT') continue;
    const base = { name: answer.name, ttl: 'ttl' in answer ? (answer.ttl ?? 0) : 0 };
    switch (answer.type) {
      case 'A':
      case 'AAAA':
      case 'CNAME':
      case 'NS':
      case 'PTR':
        records.push({ ...base, type: answer.type, data: answer.data });
        break;
      case 'TXT': {
        const pieces = Array.isArray(answer.data) ? answer.data : [answer.data];
        records.push({ ...base, type: 'TXT', data: pieces.map(String).join('') });
        break;
      }
      case 'SRV': {
        const { priority = 0, weight = 0, port, target } = answer.data;
        records.push({ ...base, type: 'SRV', data: { priority, weight, port, target } });
        break;
      }
      case 'SOA': {
        const { mname, rname, serial = 0, refresh = 0, retry = 0, expire = 0, minimum = 0 } = answer.data;
        records.push({
          ...base,
          type: 'SOA',
          data: { mname, rname, serial, refresh, retry, expire, minimum },
        });
        break;
      }
      default:
        break;
    }
  }
  return records;
}
