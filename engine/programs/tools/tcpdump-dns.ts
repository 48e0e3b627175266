/**
 * DNS messages in tcpdump's words. Source: tcpdump 4.99.3 (print-domain.c), recorded in fixtures/tcpdump.txt. Left out: EDNS, of
 * which only the count is told.
 */
import { type DnsMessage, type DnsRecord, decodeMessage } from '../dns/message.ts';

const codes: ReadonlyMap<string, string> = new Map([
  ['FORMERR', ' FormErr'],
  ['SERVFAIL', ' ServFail'],
  ['NXDOMAIN', ' NXDomain'],
  ['NOTIMP', ' NotImp'],
  ['REFUSED', ' Refused'],
]);

/**
 * What is told of a message; undefined for bytes that are none. Once verbose, records have their owners; twice, the
 * question of an answer and the other sections are told too.
 */
export function dnsText(bytes: Uint8Array, payloadBytes: number, verbosity: number): string | undefined {
  const decoded = decodeMessage(bytes);
  if (!decoded.ok) return undefined;
  const message = decoded.value;
  const { id, question, isResponse, answers, authorities, additionals } = message;
  const asked = question === undefined ? '' : ` ${question.type}? ${dotted(question.name)}`;
  if (!isResponse) return `${id}${message.recursionDesired ? '+' : ''}${asked} (${payloadBytes})`;
  const counts = [answers, authorities, additionals].map(({ length }) => length).join('/');
  const told = [
    ...(verbosity > 1 ? [` q:${asked}`] : []),
    ` ${counts}`,
    listOf('', answers, verbosity),
    ...(verbosity > 1 ? [listOf('ns:', authorities, verbosity), listOf('ar:', additionals, verbosity)] : []),
  ];
  return `${id}${flagsOf(message)}${told.join('')} (${payloadBytes})`;
}

function flagsOf({ rcode, authoritative, recursionAvailable, truncated }: DnsMessage): string {
  return `${codes.get(rcode) ?? ''}${authoritative ? '*' : ''}${recursionAvailable ? '' : '-'}${truncated ? '|' : ''}`;
}

function listOf(title: string, records: readonly DnsRecord[], verbosity: number): string {
  if (records.length === 0) return '';
  const texts = records.map(
    (record) => ` ${verbosity > 0 ? `${dotted(record.name)} ` : ''}${recordText(record, verbosity)}`,
  );
  return `${title === '' ? '' : ` ${title}`}${texts.join(',')}`;
}

function recordText(record: DnsRecord, verbosity: number): string {
  switch (record.type) {
    case 'A':
    case 'AAAA':
      return `${record.type} ${record.data}`;
    case 'TXT':
      return `TXT "${record.data}"`;
    case 'SRV': {
      const { target, port, priority, weight } = record.data;
      return `SRV ${dotted(target)}:${port} ${priority} ${weight}`;
    }
    case 'SOA': {
      if (verbosity === 0) return 'SOA';
      const { mname, rname, serial, refresh, retry, expire, minimum } = record.data;
      return `SOA ${dotted(mname)} ${dotted(rname)} ${serial} ${refresh} ${retry} ${expire} ${minimum}`;
    }
    default:
      return `${record.type} ${dotted(record.data)}`;
  }
}

function dotted(name: string): string {
  return name.endsWith('.') ? name : `${name}.`;
}
