/**
 * bridge of iproute2: link, fdb and vlan, as far as they show something.
 * Source: iproute2 6.1 (bridge/link.c, fdb.c, vlan.c), recorded in fixtures/iproute2-show.txt but for VLANs, which the
 * kernel of the recording lacked. Left out: the multicast addresses that links listen to themselves (`self permanent`).
 */
import { isLinks, type LinkFacts } from '../../net/process/inspect.ts';
import * as sys from '../../net/process/sys.ts';
import type { Program } from '../../net/process/syscalls.ts';
import { flagsOf, fullName } from './ip-link.ts';
import { formatJson, readShowOptions, type ShowOptions } from './ip-output.ts';

/** bridge. */
export const bridge: Program = function* ({ argv }) {
  const read = readShowOptions(argv.slice(1));
  if (!read.ok) {
    yield* sys.printError(`${read.error.replace('ip -help', 'bridge help')}\n`);
    return 255;
  }
  const { options, flags, rest } = read.value;
  if (flags.has('Version')) {
    yield* sys.print('bridge utility, 6.1.0\n');
    return 0;
  }
  const [asked = 'help', command = 'show', ...words] = rest;
  const object = ['link', 'fdb', 'mdb', 'vlan', 'help'].find((name) => name.startsWith(asked));
  if (object === undefined) {
    yield* sys.printError(`Object "${asked}" is unknown, try "bridge help".\n`);
    return 255;
  }
  if (object === 'help') {
    yield* sys.printError(usage);
    return 255;
  }
  if (!['show', 'list', 'lst'].some((verb) => verb.startsWith(command))) {
    yield* sys.printError(`bridge: "bridge ${object} ${command}" is not simulated\n`);
    return 255;
  }
  const facts = yield* sys.inspect('links');
  const links = isLinks(facts) ? facts : [];
  const wanted = readWanted(words);
  const missing = [wanted.device, wanted.bridge].find(
    (name) => name !== undefined && !links.some((link) => link.name === name),
  );
  if (missing !== undefined) {
    yield* sys.printError(
      object === 'fdb' && missing === wanted.bridge
        ? `Cannot find bridge device "${missing}"\n`
        : `Cannot find device "${missing}"\n`,
    );
    return object === 'fdb' && missing === wanted.bridge ? 255 : 1;
  }
  if (object === 'fdb') return yield* showForwarding(wanted, options);
  if (object === 'link') yield* sys.print(portsText(links, wanted, options));
  if (object === 'vlan') yield* sys.print(vlansText(links, wanted, options));
  return 0;
};

interface Wanted {
  readonly device: string | undefined;
  readonly bridge: string | undefined;
}

function readWanted(words: readonly string[]): Wanted {
  const after = (...keys: readonly string[]) => {
    const at = words.findIndex((word) => keys.includes(word));
    return at < 0 ? undefined : words[at + 1];
  };
  return { device: after('dev', 'brport'), bridge: after('br', 'master') };
}

function portsText(links: readonly LinkFacts[], { device, bridge }: Wanted, options: ShowOptions): string {
  const ports = links.filter(
    ({ name, master }) =>
      master !== undefined &&
      (device === undefined || name === device) &&
      (bridge === undefined || master === bridge),
  );
  if (options.json) {
    const items = ports.map((port) => ({
      ifindex: port.index,
      ...(port.peerName === undefined ? {} : { link: port.peerName }),
      ...(port.peerName !== undefined || port.peerIndex === undefined ? {} : { link_index: port.peerIndex }),
      ifname: port.name,
      flags: [...flagsOf(port)],
      mtu: port.mtuBytes,
      master: port.master ?? '',
      state: stateOf(port),
      priority: 32,
      cost: 2,
    }));
    return formatJson(items, options);
  }
  return ports
    .map((port) => {
      const line = `${port.index}: ${fullName(port)}: <${flagsOf(port).join(',')}> mtu ${port.mtuBytes} master ${port.master} state ${stateOf(port)} priority 32 cost 2 \n`;
      return options.details ? `${line}${detailsText(port)}` : line;
    })
    .join('');
}

function stateOf(port: LinkFacts): string {
  return port.hasCarrier ? 'forwarding' : 'disabled';
}

function detailsText({ port }: LinkFacts): string {
  return `    hairpin ${port?.hairpin === true ? 'on' : 'off'} guard off root_block off fastleave off learning on flood on mcast_flood on bcast_flood on mcast_router 1 mcast_to_unicast off neigh_suppress off vlan_tunnel off isolated off locked off \n`;
}

/** Every bridge and port is in VLAN 1, as Linux has it without filtering by VLAN. */
function vlansText(links: readonly LinkFacts[], { device }: Wanted, options: ShowOptions): string {
  const members = links.filter(
    ({ name, master, kind }) =>
      (kind === 'bridge' || master !== undefined) && (device === undefined || name === device),
  );
  if (options.json) {
    const vlans = [{ vlan: 1, flags: ['PVID', 'Egress Untagged'] }];
    return formatJson(
      members.map(({ name }) => ({ ifname: name, vlans })),
      options,
    );
  }
  const rows = members.map(({ name }) => `${name.padEnd(16)}  1 PVID Egress Untagged\n`);
  return `port              vlan-id  \n${rows.join('')}`;
}

function* showForwarding({ device, bridge: name }: Wanted, options: ShowOptions): sys.Sys<number> {
  const facts = yield* sys.inspect('bridge-fdb');
  const entries = (Array.isArray(facts) ? facts.map(String) : []).map(parseEntry);
  const shown = entries.filter(
    ({ port, master }) =>
      (device === undefined || port === device) && (name === undefined || master === name),
  );
  if (options.json) {
    const items = shown.map(({ mac, port, vlan, master, isPermanent }) => ({
      mac,
      ...(device === undefined ? { ifname: port } : {}),
      ...(vlan === undefined ? {} : { vlan: Number(vlan) }),
      flags: [],
      master,
      state: isPermanent ? 'permanent' : '',
    }));
    yield* sys.print(formatJson(items, options));
    return 0;
  }
  yield* sys.print(
    shown
      .map(({ mac, port, vlan, master, isPermanent }) => {
        const words = [
          mac,
          ...(device === undefined ? ['dev', port] : []),
          ...(vlan === undefined ? [] : ['vlan', vlan]),
          'master',
          master,
          isPermanent ? 'permanent' : '',
        ];
        return `${words.join(' ')}\n`;
      })
      .join(''),
  );
  return 0;
}

/** `MAC dev PORT [vlan N] master BRIDGE [permanent]`. */
function parseEntry(line: string) {
  const [mac = '', ...words] = line.split(' ');
  const after = (key: string) => (words.includes(key) ? words[words.indexOf(key) + 1] : undefined);
  return {
    mac,
    port: after('dev') ?? '',
    vlan: after('vlan'),
    master: after('master') ?? '',
    isPermanent: words.includes('permanent'),
  };
}

const usage = `Usage: bridge [ OPTIONS ] OBJECT { COMMAND | help }
       bridge [ -force ] -batch filename
where  OBJECT := { link | fdb | mdb | vlan | monitor }
       OPTIONS := { -V[ersion] | -s[tatistics] | -d[etails] |
                    -o[neline] | -t[imestamp] | -n[etns] name |
                    -c[ompressvlans] -color -p[retty] -j[son] }
`;
