/** ip of iproute2: address, link, route, rule, neighbour, netns. What changes something is in ip-change.ts. */
import * as sys from '../../net/process/sys.ts';
import type { Program } from '../../net/process/syscalls.ts';
import { changeNetwork } from './ip-change.ts';
import { showLinks } from './ip-link.ts';
import { showNeighbours } from './ip-neighbour.ts';
import { readShowOptions, type ShowOptions } from './ip-output.ts';
import { showRoutes, showRouteTo } from './ip-route.ts';
import { showRules } from './ip-rule.ts';

const objects = ['address', 'link', 'route', 'rule', 'neighbour', 'neighbor', 'netns'] as const;
type IpObject = (typeof objects)[number];

/** ip. */
export const ip: Program = function* ({ argv }) {
  const read = readShowOptions(argv.slice(1));
  if (!read.ok) {
    yield* sys.printError(`${read.error}\n`);
    return 255;
  }
  const { options, flags, netns, rest: words } = read.value;
  if (flags.has('Version')) {
    yield* sys.print('ip utility, iproute2-6.1.0, libbpf 1.1.2\n');
    return 0;
  }
  if (netns !== undefined) {
    yield* sys.printError(`Cannot open network namespace "${netns}": No such file or directory\n`);
    return 255;
  }
  const [asked = '', ...args] = words;
  if (asked === '' || asked === 'help' || flags.has('help')) {
    yield* sys.printError(usage);
    return 255;
  }
  const object = objects.find((name) => name.startsWith(asked));
  if (object === undefined) {
    yield* sys.printError(`Object "${asked}" is unknown, try "ip help".\n`);
    return 1;
  }
  const [command, ...rest] = args;
  if (command === 'help') {
    yield* sys.printError(`Usage: ip ${object} { show | add | del | replace } ...\n`);
    return 255;
  }
  const isShow =
    command === undefined || ['show', 'list', 'ls', 'lst', 'get'].some((verb) => verb.startsWith(command));
  if (!isShow && object !== 'netns') {
    const changed = yield* changeNetwork(object, args);
    if (changed !== undefined) return changed;
  }
  return yield* show(object, options, { command, rest });
};

function* show(
  object: IpObject,
  options: ShowOptions,
  { command, rest }: { readonly command: string | undefined; readonly rest: readonly string[] },
): sys.Sys<number> {
  // There is nothing of IPv6 here.
  const isEmpty = options.family === 'inet6' && object !== 'link' && object !== 'netns';
  switch (object) {
    case 'address':
      return yield* showLinks(rest, options, true);
    case 'link':
      return yield* showLinks(rest, options, false);
    case 'route':
      if (isEmpty) return 0;
      return command === 'get' ? yield* showRouteTo(rest, options) : yield* showRoutes(rest, options);
    case 'rule':
      return isEmpty ? 0 : yield* showRules(rest, options);
    case 'neighbour':
    case 'neighbor':
      return isEmpty ? 0 : yield* showNeighbours(rest, options);
    case 'netns':
      return yield* netnsCommand(command, rest);
  }
}

/** The namespaces that have a name: none, as those of containers are held by their runtime. */
function* netnsCommand(command: string | undefined, rest: readonly string[]): sys.Sys<number> {
  if (command === undefined || ['list', 'show', 'list-id'].includes(command)) return 0;
  if (command === 'exec' && rest[0] !== undefined) {
    yield* sys.printError(`Cannot open network namespace "${rest[0]}": No such file or directory\n`);
    return 255;
  }
  yield* sys.printError(`ip: "ip netns ${command}" is not simulated\n`);
  return 255;
}

const usage =
  'Usage: ip [ OPTIONS ] OBJECT { COMMAND | help }\nwhere  OBJECT := { address | help | link | neighbor | neighbour | netns | route | rule }\n       OPTIONS := { -V[ersion] | -s[tatistics] | -d[etails] | -j[son] | -p[retty] | -4 | -6 | -br[ief] |\n                    -o[neline] | -c[olor] }\n';
