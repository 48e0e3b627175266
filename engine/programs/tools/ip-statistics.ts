/** What `ip -s` adds about a link. Source: iproute2 6.1 (print_link_stats in ip/ipaddress.c), recorded in fixtures/iproute2-show.txt. */
import type { JsonObject } from '../../base/json.ts';
import type { LinkFacts } from '../../net/process/inspect.ts';

/** The least widths of the columns, which a longer number makes wider. */
const widths = [10, 7, 6, 7, 7, 7] as const;
/** Behind the columns one is left for compressed packets, which only some links count. */
const compressedWidth = 10;

/** The lines below a link; with `-s` twice the kinds of errors stand there too, of which the simulation has none. */
export function statisticsText({ counters, kind }: LinkFacts, times: number): string {
  const received = [counters.receivedBytes, counters.receivedPackets, 0, 0, 0, 0];
  const sent = [counters.sentBytes, counters.sentPackets, 0, 0, 0, 0];
  const columns = widths.map((width, at) =>
    Math.max(width, ...[received, sent].map((row) => String(row[at] ?? 0).length)),
  );
  return [
    headLine('RX: ', ['bytes', 'packets', 'errors', 'dropped', 'missed', 'mcast'], columns),
    `    ${joinColumns(received, columns)} `,
    ...(times > 1 ? errorLines('RX', ['length', 'crc', 'frame', 'fifo', 'overrun'], columns, 0) : []),
    headLine('TX: ', ['bytes', 'packets', 'errors', 'dropped', 'carrier', 'collsns'], columns),
    `    ${joinColumns(sent, columns)} `,
    ...(times > 1
      ? errorLines('TX', ['aborted', 'fifo', 'window', 'heartbt', 'transns'], columns, carrierChanges(kind))
      : []),
  ].join('\n');
}

/** A link that was set up once lost its carrier when it was made and has had it since. */
function carrierChanges(kind: LinkFacts['kind']): number {
  return kind === 'loopback' ? 0 : 2;
}

function headLine(title: string, names: readonly string[], [first = 0, ...rest]: readonly number[]): string {
  const row = joinColumns(names, [first - title.length, ...rest]);
  return `    ${title}${row} ${' '.repeat(compressedWidth)}`;
}

function errorLines(
  way: string,
  names: readonly string[],
  [first = 0, ...rest]: readonly number[],
  last: number,
): readonly string[] {
  const zeros = names.map((_, at) => (at === names.length - 1 ? last : 0));
  return [
    `    ${`${way} errors:`.padEnd(first)} ${joinColumns(names, rest)}`,
    `    ${''.padEnd(first)} ${joinColumns(zeros, rest)} `,
  ];
}

function joinColumns(row: readonly (string | number)[], columns: readonly number[]): string {
  return row.map((cell, at) => String(cell).padStart(columns[at] ?? 0)).join(' ');
}

/** The same for `-j`. */
export function statisticsJson({ counters, kind }: LinkFacts, times: number): JsonObject {
  return {
    rx: {
      bytes: counters.receivedBytes,
      packets: counters.receivedPackets,
      errors: 0,
      dropped: 0,
      over_errors: 0,
      multicast: 0,
      ...(times > 1
        ? { length_errors: 0, crc_errors: 0, frame_errors: 0, fifo_errors: 0, missed_errors: 0 }
        : {}),
    },
    tx: {
      bytes: counters.sentBytes,
      packets: counters.sentPackets,
      errors: 0,
      dropped: 0,
      carrier_errors: 0,
      collisions: 0,
      ...(times > 1
        ? {
            aborted_errors: 0,
            fifo_errors: 0,
            window_errors: 0,
            heartbeat_errors: 0,
            carrier_changes: carrierChanges(kind),
          }
        : {}),
    },
  };
}
