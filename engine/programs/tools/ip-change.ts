/**
 * `ip address|link|route|neighbour` as far as they change something. Source: iproute2 6.1, its words recorded in
 * fixtures/iproute2.txt. Left out: IPv6, kinds of links but bridge and veth.
 * Differs: an address has its network's broadcast address, as with `brd +`.
 */
import type { NetworkChange, RefusedChange } from '../../net/process/configure.ts';
import * as sys from '../../net/process/sys.ts';
import { isIPv4 } from '../dns/resolver.ts';
import { errnoText } from '../errno-text.ts';
import { planRule } from './ip-rule.ts';
import { isPrefix, type Plan, parseNumber, parseTable, refuse, wrongArgument } from './ip-words.ts';

type Planner = (action: string, words: readonly string[]) => Plan | undefined;

const objects: readonly (readonly [name: string, plan: Planner])[] = [
  ['address', planAddress],
  ['link', planLink],
  ['route', planRoute],
  ['rule', planRule],
  ['neighbour', planNeighbour],
];

/** Carries out a command that changes something; undefined when it is none of those. */
export function* changeNetwork(object: string, args: readonly string[]): sys.Sys<number | undefined> {
  const [action = '', ...words] = args;
  const known = objects.find(([name]) => object !== '' && (name.startsWith(object) || object === 'neighbor'));
  if (known === undefined) return undefined;
  if (action === 'flush' && known[0] !== 'rule') return yield* flush(known[0], words);
  const plan = known[1](canonical(action), words);
  if (plan === undefined) {
    yield* sys.printError(`Command "${action}" is unknown, try "ip ${known[0]} help".\n`);
    return 255;
  }
  if ('stderr' in plan) {
    yield* sys.printError(plan.stderr);
    return plan.exitCode;
  }
  const refused = yield* sys.configure(plan);
  return refused === undefined ? 0 : yield* tell(refused, plan);
}

/** Actions may be cut short. */
function canonical(action: string): string {
  const actions = ['add', 'append', 'change', 'chg', 'delete', 'replace', 'set', 'flush'];
  if (action === 'del') return 'delete';
  return actions.find((name) => action !== '' && name.startsWith(action)) ?? action;
}

function* tell(refused: RefusedChange, plan: NetworkChange): sys.Sys<number> {
  const { errno, message } = refused;
  const isNoDevice = errno === 'ENODEV' && 'link' in plan && plan.link !== undefined && plan.link !== '';
  if (isNoDevice) {
    yield* sys.printError(`Cannot find device "${plan.link}"\n`);
    return 1;
  }
  const text = errno === undefined ? '' : `RTNETLINK answers: ${errnoText(errno)}`;
  yield* sys.printError(`${message === undefined ? text : `Error: ${message}`}\n`);
  return 2;
}

/** Values by keyword; words without one, in order, as `to`. */
function readKeywords(words: readonly string[], keywords: readonly string[]): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? '';
    if (keywords.includes(word)) {
      values.set(word, words[index + 1] ?? '');
      index += 1;
    } else if (!values.has('to')) values.set('to', word);
    else values.set('unknown', word);
  }
  return values;
}

function planAddress(action: string, words: readonly string[]): Plan | undefined {
  if (!['add', 'replace', 'change', 'delete'].includes(action)) return undefined;
  const values = readKeywords(words, ['dev', 'brd', 'broadcast', 'label', 'scope', 'local']);
  const text = values.get('local') ?? values.get('to') ?? '';
  const address = text.includes('/') ? text : `${text}/32`;
  if (!isPrefix(address)) return refuse(`Error: any valid prefix is expected rather than "${text}".`, 1);
  const link = values.get('dev');
  if (link === undefined) return refuse('Not enough information: "dev" argument is required.', 1);
  const made = action === 'delete' ? 'del' : action === 'add' ? 'add' : 'replace';
  return { part: 'address', action: made, link, address };
}

function planLink(action: string, words: readonly string[]): Plan | undefined {
  if (action === 'add') return planNewLink(words);
  if (action === 'delete') {
    const link = words[0] === 'dev' ? words[1] : words[0];
    return link === undefined
      ? refuse('Not enough information: "dev" argument is required.', 1)
      : { part: 'link', action: 'del', link };
  }
  if (action !== 'set') return undefined;
  const [link = '', command = '', ...rest] = words[0] === 'dev' ? words.slice(1) : words;
  const [value = ''] = rest;
  switch (command) {
    case 'up':
    case 'down':
    case 'nomaster':
      return { part: 'link', action: command, link };
    case 'master':
      return { part: 'link', action: 'master', link, bridge: value };
    case 'mtu':
      return /^\d{1,9}$/.test(value)
        ? { part: 'link', action: 'mtu', link, mtuBytes: Number(value) }
        : refuse(`Error: argument "${value}" is wrong: Invalid "mtu" value\n`, 255);
    case 'type':
      return value === 'bridge_slave' && rest[1] === 'hairpin'
        ? { part: 'link', action: 'hairpin', link, on: rest[2] === 'on' }
        : refuse(`ip: link type ${value} is not simulated`, 255);
    default:
      return refuse(`Error: either "dev" is duplicate, or "${command}" is a garbage.`, 255);
  }
}

/** `ip link add NAME type bridge` and `ip link add NAME type veth peer name OTHER`. */
function planNewLink(words: readonly string[]): Plan {
  const values = readKeywords(words, ['dev', 'type', 'name']);
  const [first = ''] = words;
  const link = first === 'dev' || first === 'name' ? (words[1] ?? '') : first;
  const type = values.get('type');
  if (type === 'bridge') return { part: 'link', action: 'add-bridge', link };
  const at = words.indexOf('peer');
  const peer = at < 0 ? undefined : words[words[at + 1] === 'name' ? at + 2 : at + 1];
  if (type === 'veth' && peer !== undefined) return { part: 'link', action: 'add-veth', link, peer };
  return refuse('Error: Unknown device type.', 2);
}

const refusals = ['blackhole', 'unreachable', 'prohibit', 'throw'] as const;

function planRoute(action: string, all: readonly string[]): Plan | undefined {
  if (!['add', 'append', 'replace', 'change', 'delete'].includes(action)) return undefined;
  const type = refusals.find((known) => known === all[0]);
  const words = type !== undefined || all[0] === 'unicast' ? all.slice(1) : all;
  if (words.includes('nexthop')) return refuse('ip: routes with several next hops are not simulated', 255);
  const values = readKeywords(words, ['via', 'dev', 'src', 'scope', 'proto', 'metric', 'table']);
  const to = values.get('to') ?? '';
  const destination = to === 'default' || to.includes('/') ? to : `${to}/32`;
  if (destination !== 'default' && !isPrefix(destination)) {
    return refuse(`Error: any valid prefix is expected rather than "${to}".`, 1);
  }
  const via = values.get('via');
  const source = values.get('src');
  for (const address of [via, source]) {
    if (address !== undefined && !isIPv4(address)) {
      return refuse(`Error: inet address is expected rather than "${address}".`, 1);
    }
  }
  const table = parseTable(values.get('table') ?? 'main');
  if (table === undefined) return wrongArgument(values.get('table') ?? '', '"table" value is invalid');
  const metric = parseNumber(values.get('metric') ?? '0');
  if (metric === undefined) return wrongArgument(values.get('metric') ?? '', '"metric" value is invalid');
  const scope = (['global', 'link', 'host'] as const).find((known) => known === values.get('scope'));
  const link = values.get('dev');
  const protocol = values.get('proto');
  return {
    part: 'route',
    action: action === 'delete' ? 'del' : action === 'add' || action === 'append' ? action : 'replace',
    destination,
    table,
    ...(values.has('metric') ? { metric } : {}),
    ...(type === undefined ? {} : { type }),
    ...(via === undefined ? {} : { via }),
    ...(link === undefined ? {} : { link }),
    ...(source === undefined ? {} : { source }),
    ...(scope === undefined ? {} : { scope }),
    ...(protocol === undefined ? {} : { protocol }),
  };
}

function planNeighbour(action: string, words: readonly string[]): Plan | undefined {
  if (!['add', 'replace', 'change', 'delete'].includes(action)) return undefined;
  const values = readKeywords(words, ['dev', 'lladdr', 'nud']);
  const address = values.get('to') ?? '';
  if (!isIPv4(address)) return refuse(`Error: inet address is expected rather than "${address}".`, 1);
  const link = values.get('dev');
  if (link === undefined) return refuse('Device and destination are required arguments.', 255);
  const mac = values.get('lladdr');
  const made = action === 'delete' ? 'del' : action === 'add' ? 'add' : 'replace';
  return { part: 'neighbour', action: made, link, address, ...(mac === undefined ? {} : { mac }) };
}

/** `ip address flush dev LINK`, `ip route flush PREFIX`, `ip neigh flush dev LINK`. */
function* flush(object: string, words: readonly string[]): sys.Sys<number> {
  const values = readKeywords(words, ['dev', 'table']);
  const [link, to] = [values.get('dev'), values.get('to')];
  const table = parseTable(values.get('table') ?? 'main');
  if (table === undefined) {
    yield* sys.printError(`Error: argument "${values.get('table')}" is wrong: table id value is invalid\n\n`);
    return 255;
  }
  const refused = yield* sys.configure({
    part: 'flush',
    what: object === 'address' ? 'address' : object === 'route' ? 'route' : 'neighbour',
    ...(link === undefined ? {} : { link }),
    ...(to === undefined || to === 'all' ? {} : { destination: to }),
    ...(object === 'route' ? { table } : {}),
  });
  if (refused === undefined) return 0;
  if (refused.errno === 'ENODEV') {
    yield* sys.printError(`Device "${link}" does not exist.\n`);
    return 1;
  }
  const told = refused.message === undefined ? undefined : `Error: ${refused.message}\nFlush terminated\n`;
  yield* sys.printError(told ?? `RTNETLINK answers: ${errnoText(refused.errno ?? 'EINVAL')}\n`);
  return 2;
}
