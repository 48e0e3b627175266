/**
 * A packet's way as lines to read: a head line with what it carried, then per namespace a line for every step, and the
 * verdict at the end. Where NAT changed an address, the line below says which, before and after.
 */
import { assertNever } from '../base/result.ts';
import type { Hop, PacketHeader, PacketTrace, RuleRef, Verdict } from './trace.ts';

/** The lines of several packets, with an empty line between them. */
export function formatTrace(packets: readonly PacketTrace[]): readonly string[] {
  return packets.flatMap((trace, index) =>
    index === 0 ? formatPacket(trace) : ['', ...formatPacket(trace)],
  );
}

function formatPacket(trace: PacketTrace): readonly string[] {
  const sent = headerOf(trace.hops[0]);
  const lines = [`#${trace.id} ${trace.summary}${sent === undefined ? '' : `  ${formatFlow(sent)}`}`];
  const width = Math.max(0, ...trace.hops.map((hop) => hop.at.length));
  let place: string | undefined;
  let header = sent;
  for (const hop of trace.hops) {
    const name = hop.at === place ? '' : hop.at;
    place = hop.at;
    lines.push(`  ${name.padEnd(width)}  ${formatHop(hop)}`);
    const changed = headerOf(hop);
    if (changed === undefined) continue;
    for (const change of header === undefined ? [] : changes(header, changed)) {
      lines.push(`  ${''.padEnd(width)}  ${line('', change)}`);
    }
    header = changed;
  }
  lines.push(`  ${formatVerdict(trace.verdict)}`);
  return lines;
}

function formatHop(hop: Hop): string {
  switch (hop.step) {
    case 'send':
      return line('send', formatFlow(hop.header));
    case 'receive':
      return line('in', `→ ${hop.link}`);
    case 'transmit':
      return line('out', `${hop.link} →`);
    case 'route':
      return line('route', hop.route === 'local' ? 'local: for this machine itself' : hop.route);
    case 'rule':
      return line('rule', `${hop.hook} ${hop.rule.table}: ${hop.rule.text}`);
    case 'policy':
      return line('policy', `${hop.hook} ${hop.table}: ${hop.policy}`);
    case 'nat':
      return line('nat', 'as for the earlier packets of this connection');
    default:
      return assertNever(hop);
  }
}

/** The words of the last line. A tick stands before the one good end, a cross before all others. */
function formatVerdict(verdict: Verdict): string {
  switch (verdict.kind) {
    case 'delivered':
      return `✓ delivered in ${verdict.at} to ${formatEnd(verdict)}`;
    case 'dropped':
      return verdict.rule === undefined
        ? `✗ dropped in ${verdict.at} by the policy of chain ${verdict.chain}`
        : `✗ dropped in ${verdict.at} by ${formatRule(verdict.rule)}`;
    case 'rejected':
      return `✗ rejected in ${verdict.at} with ${verdict.with} by ${formatRule(verdict.rule)}`;
    case 'no-listener':
      return `✗ refused in ${verdict.at}: nothing listens on ${formatEnd(verdict)}`;
    case 'no-route':
      return verdict.because === undefined
        ? `✗ no route in ${verdict.at} to ${verdict.destination}`
        : `✗ ${verdict.at} refuses the way to ${verdict.destination}: ${verdict.because}`;
    case 'no-neighbour':
      return `✗ nobody has ${verdict.address} on the network behind ${verdict.link} of ${verdict.at}`;
    case 'ttl-exceeded':
      return `✗ its time to live ran out in ${verdict.at}`;
    case 'discarded':
      return `✗ discarded in ${verdict.at}: ${formatReason(verdict.reason)}`;
    default:
      return assertNever(verdict);
  }
}

function formatReason(reason: Extract<Verdict, { readonly kind: 'discarded' }>['reason']): string {
  switch (reason) {
    case 'martian-source':
      return 'an address that can not come that way (martian)';
    case 'not-forwarding':
      return 'it is for another machine, and ip_forward is off';
    case 'link-down':
      return 'the link is down';
    case 'hairpin-off':
      return 'the bridge sends nothing back through the port it came from (hairpin is off)';
    case 'hop-limit':
      return 'it went round and round';
    default:
      return assertNever(reason);
  }
}

function line(verb: string, rest: string): string {
  return `${verb.padEnd(7)}${rest}`;
}

function formatRule(rule: RuleRef): string {
  return `rule ${rule.number} of ${rule.table} ${rule.chain}: ${rule.text}`;
}

function formatFlow(header: PacketHeader): string {
  return `${header.protocol} ${formatSource(header)} → ${formatDestination(header)}`;
}

function changes(before: PacketHeader, after: PacketHeader): readonly string[] {
  const lines: string[] = [];
  if (formatSource(before) !== formatSource(after)) {
    lines.push(`source ${formatSource(before)} ⇒ ${formatSource(after)}`);
  }
  if (formatDestination(before) !== formatDestination(after)) {
    lines.push(`destination ${formatDestination(before)} ⇒ ${formatDestination(after)}`);
  }
  return lines;
}

function formatSource(header: PacketHeader): string {
  return formatEnd({ address: header.source, port: header.sourcePort });
}

function formatDestination(header: PacketHeader): string {
  return formatEnd({ address: header.destination, port: header.destinationPort });
}

/** icmp has no ports: 0 is not printed. */
function formatEnd({ address, port }: { readonly address: string; readonly port: number }): string {
  return port === 0 ? address : `${address}:${port}`;
}

function headerOf(hop: Hop | undefined): PacketHeader | undefined {
  return hop !== undefined && 'header' in hop ? hop.header : undefined;
}
