/** `-j LOG` and `-j NFLOG`: the packet is noted and goes on to the next rule. */
import { type Extension, quoteArgument } from '../extension.ts';

/** What a rule holds of it. */
export interface LogTarget {
  readonly kind: 'LOG';
  readonly level: number;
  readonly prefix: string;
  /** Flags given, in the order in which they are printed. */
  readonly flags: readonly string[];
}

/** What a rule holds of it. */
export interface NflogTarget {
  readonly kind: 'NFLOG';
  readonly group: number;
  readonly prefix: string;
  readonly size?: number;
  readonly threshold?: number;
}

/** Syslog levels. Source: RFC 5424, section 6.2.1, with the names that iptables takes. */
const levels: ReadonlyMap<string, number> = new Map([
  ['emerg', 0],
  ['panic', 0],
  ['alert', 1],
  ['crit', 2],
  ['error', 3],
  ['warning', 4],
  ['notice', 5],
  ['info', 6],
  ['debug', 7],
]);

/** Bits of the flags as the listing shows them. Source: linux/netfilter/nf_log.h. */
const flagBits = [
  ['--log-tcp-sequence', 1],
  ['--log-tcp-options', 2],
  ['--log-ip-options', 4],
  ['--log-uid', 8],
  ['--log-macdecode', 32],
] as const;

/** Longer prefixes are cut. Source: xt_LOG's 30 bytes with the final zero, as iptables v1.8.9 cuts them. */
const maxPrefix = 29;

/** How `-j LOG` is read. */
export const logExtension: Extension<LogTarget> = {
  name: 'LOG',
  options: [
    { name: '--log-level' },
    { name: '--log-prefix' },
    ...flagBits.map(([name]) => ({ name, flag: true })),
  ],
  build: (values) => {
    const text = values.text('--log-level') ?? 'warning';
    const level = /^[0-7]$/.test(text) ? Number(text) : levels.get(text);
    if (level === undefined) values.fail(`log level "${text}" unknown\n`);
    return Object.freeze({
      kind: 'LOG',
      level: level ?? 4,
      prefix: (values.text('--log-prefix') ?? '').slice(0, maxPrefix),
      flags: Object.freeze(flagBits.map(([name]) => name).filter((name) => values.has(name))),
    });
  },
};

/** How `-j NFLOG` is read. */
export const nflogExtension: Extension<NflogTarget> = {
  name: 'NFLOG',
  options: [
    { name: '--nflog-group' },
    { name: '--nflog-prefix' },
    { name: '--nflog-size' },
    { name: '--nflog-threshold' },
  ],
  build: (values) => {
    const size = values.uint('--nflog-size', 0, 0xffffffff);
    const threshold = values.uint('--nflog-threshold', 0, 65535);
    return Object.freeze({
      kind: 'NFLOG',
      group: values.uint('--nflog-group', 0, 65535) ?? 0,
      prefix: (values.text('--nflog-prefix') ?? '').slice(0, 63),
      ...(size === undefined ? {} : { size }),
      ...(threshold === undefined ? {} : { threshold }),
    });
  },
};

/** Its options as `iptables-save` prints them, with a space before each. */
export function saveLog(target: LogTarget): string {
  const prefix = target.prefix === '' ? '' : ` --log-prefix ${quoteArgument(target.prefix)}`;
  const level = target.level === 4 ? '' : ` --log-level ${target.level}`;
  return `${prefix}${level}${target.flags.map((flag) => ` ${flag}`).join('')}`;
}

/** Its options as `iptables-save` prints them, with a space before each. */
export function saveNflog(target: NflogTarget): string {
  const prefix = target.prefix === '' ? '' : ` --nflog-prefix ${quoteArgument(target.prefix)}`;
  const group = target.group === 0 ? '' : ` --nflog-group ${target.group}`;
  const size = target.size === undefined ? '' : ` --nflog-size ${target.size}`;
  const threshold = target.threshold === undefined ? '' : ` --nflog-threshold ${target.threshold}`;
  return `${prefix}${group}${size}${threshold}`;
}

/** As `iptables -L` shows it. */
export function listLog(target: LogTarget): string {
  const bits = flagBits.reduce((sum, [name, bit]) => (target.flags.includes(name) ? sum | bit : sum), 0);
  const prefix = target.prefix === '' ? '' : ` prefix "${target.prefix}"`;
  return `LOG flags ${bits} level ${target.level}${prefix}`;
}

/** As `iptables -L` shows it. */
export function listNflog(target: NflogTarget): string {
  return saveNflog(target).trimStart().replaceAll('--', '');
}
