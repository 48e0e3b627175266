/** `ip link show` and `ip address show`. Source: iproute2 6.1 (ip/ipaddress.c), recorded in fixtures/iproute2-show.txt. */
import type { JsonObject } from '../../base/json.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { parseCidr, parseIPv4 } from '../../net/ipv4.ts';
import { isLinks, type LinkFacts } from '../../net/process/inspect.ts';
import * as sys from '../../net/process/sys.ts';
import { detailsOf } from './ip-details.ts';
import { formatJson, paint, type ShowOptions } from './ip-output.ts';
import { statisticsJson, statisticsText } from './ip-statistics.ts';

type Address = LinkFacts['addresses'][number];

/** Which links and addresses are asked for. */
interface Selection {
  readonly link?: string;
  readonly type?: string;
  readonly master?: string;
  readonly up?: boolean;
  readonly noMaster?: boolean;
  readonly scope?: string;
  readonly to?: string;
  readonly label?: string;
  readonly isSecondary?: boolean;
  readonly isDynamic?: boolean;
}

/** Prints the links that the words select, with their addresses or without. */
export function* showLinks(
  words: readonly string[],
  options: ShowOptions,
  withAddresses: boolean,
): sys.Sys<number> {
  const selection = readSelection(words);
  if (!selection.ok) {
    yield* sys.printError(`${selection.error}\n`);
    return 255;
  }
  const facts = yield* sys.inspect('links');
  const links: readonly LinkFacts[] = isLinks(facts) ? facts : [];
  const { link, master } = selection.value;
  const exists = (name: string | undefined) => name === undefined || links.some((each) => each.name === name);
  if (!exists(link)) {
    yield* sys.printError(`Device "${link}" does not exist.\n`);
    return 1;
  }
  if (!exists(master)) {
    yield* sys.printError(`Error: argument "${master}" is wrong: Device does not exist\n\n`);
    return 255;
  }
  const shown = links.filter((each) => isSelected(each, selection.value));
  const rows = withAddresses ? withSelectedAddresses(shown, selection.value, options) : shown;
  yield* sys.print(
    options.json
      ? formatJson(
          rows.map((row) => linkJson(row, options, withAddresses)),
          options,
        )
      : rows
          .map((row) => linkText(row, { options, withAddresses, selection: selection.value, links }))
          .join(''),
  );
  return 0;
}

function readSelection(words: readonly string[]): Result<Selection, string> {
  let selection: Selection = {};
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? '';
    const take = () => {
      index += 1;
      return words[index] ?? '';
    };
    if (word === 'up') selection = { ...selection, up: true };
    else if (word === 'nomaster') selection = { ...selection, noMaster: true };
    else if (word === 'primary') selection = { ...selection, isSecondary: false };
    else if (word === 'secondary') selection = { ...selection, isSecondary: true };
    else if (word === 'permanent' || word === 'dynamic')
      selection = { ...selection, isDynamic: word === 'dynamic' };
    else if (word === 'type') selection = { ...selection, type: take() };
    else if (word === 'master') selection = { ...selection, master: take() };
    else if (word === 'scope') selection = { ...selection, scope: take() };
    else if (word === 'to') selection = { ...selection, to: take() };
    else if (word === 'label') selection = { ...selection, label: take() };
    else if (word === 'group') take();
    else {
      const link = word === 'dev' ? take() : word;
      if (selection.link !== undefined)
        return err(`Error: either "dev" is duplicate, or "${link}" is a garbage.`);
      selection = { ...selection, link };
    }
  }
  return ok(selection);
}

function isSelected(link: LinkFacts, { link: name, type, master, up, noMaster }: Selection): boolean {
  const kinds = type === 'bridge_slave' ? link.master !== undefined : link.kind === type;
  return (
    (name === undefined || link.name === name) &&
    (type === undefined || kinds) &&
    (master === undefined || link.master === master) &&
    (noMaster !== true || link.master === undefined) &&
    (up !== true || link.up)
  );
}

/** A link whose addresses are none of those that are meant is left out; one that has no address at all only by family. */
function withSelectedAddresses(
  links: readonly LinkFacts[],
  selection: Selection,
  { family }: ShowOptions,
): readonly LinkFacts[] {
  if (family === 'link') return links.map((link) => ({ ...link, addresses: [] }));
  const isOfFamily = family !== undefined || selection.to !== undefined;
  return links
    .map((link) => ({
      ...link,
      had: link.addresses.length > 0,
      addresses: link.addresses.filter((address) => family !== 'inet6' && isMeant(address, link, selection)),
    }))
    .filter(({ had, addresses }) => addresses.length > 0 || !(had || isOfFamily));
}

function isMeant(
  address: Address,
  link: LinkFacts,
  { scope, to, label, isSecondary, isDynamic }: Selection,
): boolean {
  return (
    (scope === undefined || scope === address.scope) &&
    (to === undefined || contains(to, address.address)) &&
    (label === undefined || label === link.name) &&
    (isSecondary === undefined || isSecondary === (address.secondary === true)) &&
    isDynamic !== true
  );
}

function contains(prefix: string, address: string): boolean {
  const cidr = parseCidr(prefix.includes('/') ? prefix : `${prefix}/32`)?.prefix;
  const value = parseIPv4(address);
  if (cidr === undefined || value === undefined) return false;
  return cidr.length === 0 || value >>> (32 - cidr.length) === cidr.network >>> (32 - cidr.length);
}

/** The name with where its other end is: `eth0@if5` when that lies in another namespace. */
export function fullName(link: LinkFacts): string {
  if (link.peerName !== undefined) return `${link.name}@${link.peerName}`;
  return link.peerIndex === undefined ? link.name : `${link.name}@if${link.peerIndex}`;
}

/** The flags of a link; one whose other end is down has no carrier. Source: print_link_flags. */
export function flagsOf(link: LinkFacts): readonly string[] {
  const isCut = link.peerIndex !== undefined && !link.hasCarrier;
  return [
    ...(link.up && !link.hasCarrier ? ['NO-CARRIER'] : []),
    ...(link.kind === 'loopback' ? ['LOOPBACK'] : ['BROADCAST', 'MULTICAST']),
    ...(link.up ? ['UP'] : []),
    ...(link.up && link.hasCarrier ? ['LOWER_UP'] : []),
    ...(isCut ? ['M-DOWN'] : []),
  ];
}

function stateOf(link: LinkFacts): string {
  if (!link.up) return 'DOWN';
  if (link.kind === 'loopback' || link.kind === 'vxlan') return 'UNKNOWN';
  if (link.hasCarrier) return 'UP';
  return link.peerIndex === undefined ? 'DOWN' : 'LOWERLAYERDOWN';
}

function stateColour(state: string): 'up' | 'down' | undefined {
  return state === 'UP' ? 'up' : state === 'DOWN' ? 'down' : undefined;
}

function qdiscOf({ up }: LinkFacts): string {
  return up ? 'noqueue' : 'noop';
}

function broadcastMac({ kind }: LinkFacts): string {
  return kind === 'loopback' ? '00:00:00:00:00:00' : 'ff:ff:ff:ff:ff:ff';
}

/** Whether the line of the hardware's address is left out, as of everything that is not of the family asked for. */
function hidesMac({ family }: ShowOptions, selection: Selection, withAddresses: boolean): boolean {
  return withAddresses && (family === 'inet' || selection.to !== undefined);
}

interface TextStyle {
  readonly options: ShowOptions;
  readonly withAddresses: boolean;
  readonly selection: Selection;
  /** All of them, as a port tells of its bridge. */
  readonly links: readonly LinkFacts[];
}

function linkText(link: LinkFacts, style: TextStyle): string {
  const { options, withAddresses } = style;
  if (options.brief) return briefText(link, style);
  if (!options.oneLine) return fullText(link, style);
  if (!withAddresses) return `${fullText(link, style).replace(/\n$/, '').replaceAll('\n', '\\')}\n`;
  return link.addresses
    .map(
      (address) =>
        `${link.index}: ${paint(link.name, 'link', options)}    ${addressLine(link, address, options)}\\       valid_lft forever preferred_lft forever\n`,
    )
    .join('');
}

function briefText(link: LinkFacts, { options, withAddresses }: TextStyle): string {
  const state = stateOf(link);
  const head = `${paint(`${fullName(link).padEnd(16)} `, 'link', options)}${paint(`${state.padEnd(14)} `, stateColour(state), options)}`;
  if (!withAddresses) return `${head}${paint(`${link.mac} `, 'mac', options)}<${flagsOf(link).join(',')}> \n`;
  const addresses = link.addresses.map(
    ({ address, prefixLength }) => `${paint(address, 'inet', options)}/${prefixLength} `,
  );
  return `${head}${addresses.join('')}\n`;
}

function fullText(link: LinkFacts, style: TextStyle): string {
  const { options, withAddresses, selection } = style;
  const state = stateOf(link);
  const master = link.master === undefined ? '' : `master ${link.master} `;
  const netns = link.peerNetnsNumber === undefined ? '' : ` link-netnsid ${link.peerNetnsNumber}`;
  const head =
    `${link.index}: ${paint(`${fullName(link)}: `, 'link', options)}<${flagsOf(link).join(',')}> mtu ${link.mtuBytes} ` +
    `qdisc ${qdiscOf(link)} ${master}state ${paint(`${state} `, stateColour(state), options)}${withAddresses ? '' : 'mode DEFAULT '}` +
    'group default qlen 1000';
  const mac =
    `    link/${link.kind === 'loopback' ? 'loopback' : 'ether'} ${paint(link.mac, 'mac', options)} ` +
    `brd ${paint(broadcastMac(link), 'mac', options)}${netns}${options.details ? detailsOf(link, style) : ''}`;
  const first = hidesMac(options, selection, withAddresses) ? [`${head}${netns}`] : [head, mac];
  // Of a label only the addresses are told.
  const lines = selection.label === undefined ? first : [];
  if (withAddresses) {
    for (const address of link.addresses) {
      lines.push(
        `    ${addressLine(link, address, options)}`,
        '       valid_lft forever preferred_lft forever',
      );
    }
  }
  if (options.statistics > 0) lines.push(statisticsText(link, options.statistics));
  return `${lines.join('\n')}\n`;
}

function addressLine(
  link: LinkFacts,
  { address, prefixLength, scope, broadcast, secondary }: Address,
  options: ShowOptions,
): string {
  const toAll = broadcast === undefined ? '' : `brd ${paint(`${broadcast} `, 'inet', options)}`;
  return `inet ${paint(address, 'inet', options)}/${prefixLength} ${toAll}scope ${scope}${secondary === true ? ' secondary' : ''} ${link.name}`;
}

const forever = 4_294_967_295;

function linkJson(link: LinkFacts, options: ShowOptions, withAddresses: boolean): JsonObject {
  const other =
    link.peerName !== undefined
      ? { link: link.peerName }
      : link.peerIndex === undefined
        ? {}
        : { link_index: link.peerIndex };
  const head = { ...other, ifname: link.name };
  if (options.brief) {
    const addresses = link.addresses.map(({ address, prefixLength }) => ({
      local: address,
      prefixlen: prefixLength,
    }));
    const last = withAddresses ? { addr_info: addresses } : { address: link.mac, flags: [...flagsOf(link)] };
    return { ...head, operstate: stateOf(link), ...last };
  }
  return {
    ifindex: link.index,
    ...head,
    flags: [...flagsOf(link)],
    mtu: link.mtuBytes,
    qdisc: qdiscOf(link),
    ...(link.master === undefined ? {} : { master: link.master }),
    operstate: stateOf(link),
    ...(withAddresses ? {} : { linkmode: 'DEFAULT' }),
    group: 'default',
    txqlen: 1000,
    ...(hidesMac(options, {}, withAddresses)
      ? {}
      : {
          link_type: link.kind === 'loopback' ? 'loopback' : 'ether',
          address: link.mac,
          broadcast: broadcastMac(link),
        }),
    ...(link.peerNetnsNumber === undefined ? {} : { link_netnsid: link.peerNetnsNumber }),
    ...(withAddresses ? { addr_info: link.addresses.map((address) => addressJson(link, address)) } : {}),
    ...(options.statistics === 0 ? {} : { stats64: statisticsJson(link, options.statistics) }),
  };
}

function addressJson(
  link: LinkFacts,
  { address, prefixLength, scope, broadcast, secondary }: Address,
): JsonObject {
  return {
    family: 'inet',
    local: address,
    prefixlen: prefixLength,
    ...(broadcast === undefined ? {} : { broadcast }),
    scope,
    ...(secondary === true ? { secondary: true } : {}),
    label: link.name,
    valid_life_time: forever,
    preferred_life_time: forever,
  };
}
