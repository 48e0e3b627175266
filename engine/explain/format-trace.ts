/** A packet's way in lines, for evidence: the words of the kernel and its tools, the same in every language. */
import type { Hop, PacketHeader, PacketTrace, Verdict } from '../net/trace.ts';

/**
 * The first packet of each connection hop by hop, a line each; those that follow it, retries and answers, with their end
 * alone. Lines of hops are indented by two.
 */
export function formatTrace(packets: readonly PacketTrace[]): readonly string[] {
  const seen = new Set<string>();
  return packets.flatMap((packet) => {
    const header = firstHeader(packet);
    const title = header === undefined ? packet.summary : `${packet.summary} ${formatHeader(header)}`;
    const key = header === undefined ? title : formatHeader(header);
    const isFirst = !seen.has(key);
    seen.add(key);
    if (header !== undefined) {
      // Answers walk the same way back: what is new about them is how they end.
      const last = packet.hops.findLast((hop) => 'header' in hop && hop.header !== undefined);
      if (last !== undefined && 'header' in last && last.header !== undefined)
        seen.add(reverseKey(last.header));
    }
    if (!isFirst) return [`${title}: ${formatVerdict(packet.verdict)}`];
    const lines = packet.hops.map((hop) => `  ${hop.at}: ${formatHop(hop)}`);
    return [title, ...lines, `  ${formatVerdict(packet.verdict)}`];
  });
}

function firstHeader(packet: PacketTrace): PacketHeader | undefined {
  for (const hop of packet.hops) if ('header' in hop && hop.header !== undefined) return hop.header;
  return undefined;
}

function formatHeader(header: PacketHeader): string {
  return header.protocol === 'icmp'
    ? `icmp ${header.source} -> ${header.destination}`
    : `${header.protocol} ${header.source}:${header.sourcePort} -> ${header.destination}:${header.destinationPort}`;
}

function reverseKey(header: PacketHeader): string {
  return formatHeader({
    protocol: header.protocol,
    source: header.destination,
    sourcePort: header.destinationPort,
    destination: header.source,
    destinationPort: header.sourcePort,
  });
}

function formatHop(hop: Hop): string {
  switch (hop.step) {
    case 'send':
      return 'sent';
    case 'receive':
      return `in ${hop.link}`;
    case 'rule': {
      const changed = hop.header === undefined ? '' : `  => ${formatHeader(hop.header)}`;
      return `${hop.hook} ${hop.rule.table} #${hop.rule.number} ${hop.rule.text}${changed}`;
    }
    case 'policy':
      return `${hop.hook} ${hop.table} policy ${hop.policy}`;
    case 'nat':
      return `conntrack => ${formatHeader(hop.header)}`;
    case 'route':
      return `route ${hop.route}`;
    case 'transmit':
      return `out ${hop.link}`;
  }
}

function formatVerdict(verdict: Verdict): string {
  switch (verdict.kind) {
    case 'delivered':
      return `${verdict.at}: delivered to ${verdict.address}:${verdict.port}`;
    case 'dropped':
      return `${verdict.at}: dropped in ${verdict.chain}`;
    case 'rejected':
      return `${verdict.at}: rejected with ${verdict.with}`;
    case 'no-listener':
      return `${verdict.at}: nobody listens on ${verdict.address}:${verdict.port}`;
    case 'no-route':
      return `${verdict.at}: no route to ${verdict.destination}`;
    case 'no-neighbour':
      return `${verdict.at}: nobody on ${verdict.link} has ${verdict.address}`;
    case 'ttl-exceeded':
      return `${verdict.at}: time to live exceeded`;
    case 'discarded':
      return `${verdict.at}: discarded (${verdict.reason})`;
  }
}
