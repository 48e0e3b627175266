/** The targets that change addresses: DNAT, SNAT, MASQUERADE and REDIRECT. */

import { formatIPv4, parseIPv4 } from '../../ipv4.ts';
import type { Extension, OptionValues } from '../extension.ts';
import { formatPortRange } from '../matches/ports.ts';
import { hasPorts, parsePort } from '../protocols.ts';

/** What a rule holds of it. */
export interface NatTarget {
  readonly kind: 'DNAT' | 'SNAT' | 'MASQUERADE' | 'REDIRECT';
  /** Absent for MASQUERADE and REDIRECT, and where only ports are named. */
  readonly addresses?: { readonly first: number; readonly last: number };
  readonly ports?: { readonly first: number; readonly last: number };
  readonly random: boolean;
  readonly randomFully: boolean;
  readonly persistent: boolean;
}

const randomOptions = [
  { name: '--random', flag: true },
  { name: '--random-fully', flag: true },
];

/** How `-j DNAT` is read. */
export const dnatExtension: Extension<NatTarget> = {
  name: 'DNAT',
  options: [
    { name: '--to-destination', mandatory: true },
    ...randomOptions,
    { name: '--persistent', flag: true },
  ],
  build: (values, rule) => buildNat('DNAT', '--to-destination', values, rule.protocol),
};

/** How `-j SNAT` is read. */
export const snatExtension: Extension<NatTarget> = {
  name: 'SNAT',
  options: [{ name: '--to-source', mandatory: true }, ...randomOptions, { name: '--persistent', flag: true }],
  build: (values, rule) => buildNat('SNAT', '--to-source', values, rule.protocol),
};

/** How `-j MASQUERADE` is read. */
export const masqueradeExtension: Extension<NatTarget> = {
  name: 'MASQUERADE',
  options: [{ name: '--to-ports' }, ...randomOptions],
  build: (values, rule) => buildNat('MASQUERADE', '--to-ports', values, rule.protocol),
};

/** How `-j REDIRECT` is read. */
export const redirectExtension: Extension<NatTarget> = {
  name: 'REDIRECT',
  options: [{ name: '--to-ports' }, { name: '--random', flag: true }],
  build: (values, rule) => buildNat('REDIRECT', '--to-ports', values, rule.protocol),
};

function buildNat(
  kind: NatTarget['kind'],
  option: string,
  values: OptionValues,
  protocol: number | undefined,
): NatTarget {
  const text = values.text(option);
  const onlyPorts = option === '--to-ports';
  const colon = text?.indexOf(':') ?? -1;
  const host = text === undefined || onlyPorts ? '' : colon < 0 ? text : text.slice(0, colon);
  const portText = text === undefined ? '' : onlyPorts ? text : colon < 0 ? '' : text.slice(colon + 1);
  const addresses = host === '' ? undefined : readAddresses(host, values);
  if (portText !== '' && !hasPorts(protocol)) {
    values.fail('Need TCP, UDP, SCTP or DCCP with port specification');
  }
  if (colon >= 0 && portText === '') values.fail("Port `' not valid");
  const ports = portText === '' ? undefined : readPorts(portText, values);
  return Object.freeze({
    kind,
    ...(addresses === undefined ? {} : { addresses }),
    ...(ports === undefined ? {} : { ports }),
    random: values.has('--random'),
    randomFully: values.has('--random-fully'),
    persistent: values.has('--persistent'),
  });
}

function readAddresses(text: string, values: OptionValues): NatTarget['addresses'] {
  const [low = '', high = low] = text.split('-');
  const first = parseIPv4(low);
  const last = parseIPv4(high);
  if (first === undefined || last === undefined) {
    values.fail(`Bad IP address "${first === undefined ? low : high}"`);
    return undefined;
  }
  return Object.freeze({ first, last });
}

function readPorts(text: string, values: OptionValues): NatTarget['ports'] {
  const [low = '', high = low] = text.split('-');
  const first = parsePort(low);
  const last = parsePort(high);
  if (first === undefined || last === undefined) {
    values.fail(`Port \`${first === undefined ? low : high}' not valid`);
    return undefined;
  }
  if (first > last) values.fail(`Port range \`${high}' funky`);
  return Object.freeze({ first, last });
}

/** Its options as `iptables-save` prints them, with a space before each. */
export function saveNat(target: NatTarget): string {
  const where = formatWhere(target);
  const option =
    target.kind === 'DNAT' ? '--to-destination' : target.kind === 'SNAT' ? '--to-source' : '--to-ports';
  return `${where === '' ? '' : ` ${option} ${where}`}${flagsOf(target, '--')}`;
}

/** `10.244.1.5:80`, as the target's option is printed; empty when the target names nothing. */
function formatWhere(target: NatTarget): string {
  const { addresses, ports } = target;
  const host =
    addresses === undefined
      ? ''
      : addresses.first === addresses.last
        ? formatIPv4(addresses.first)
        : `${formatIPv4(addresses.first)}-${formatIPv4(addresses.last)}`;
  if (ports === undefined) return host;
  const range = formatPortRange(ports, '-');
  return target.kind === 'DNAT' || target.kind === 'SNAT' ? `${host}:${range}` : range;
}

function flagsOf(target: NatTarget, dashes: string): string {
  return (
    (target.random ? ` ${dashes}random` : '') +
    (target.randomFully ? ` ${dashes}random-fully` : '') +
    (target.persistent ? ` ${dashes}persistent` : '')
  );
}

/** As `iptables -L` shows it. */
export function listNat(target: NatTarget): string {
  const where = formatWhere(target);
  const name =
    target.kind === 'DNAT' || target.kind === 'SNAT'
      ? `to:${where}`
      : where === ''
        ? ''
        : target.kind === 'REDIRECT'
          ? `redir ports ${where}`
          : `masq ports: ${where}`;
  return `${name}${flagsOf(target, '')}`.trimStart();
}
