/**
 * Which lines go on until somebody ends them, or are watched while they wait: at a terminal these are shown as they print,
 * and the cluster's time passes with the wall clock.
 */

/** Commands of kubectl that wait for something, whatever their flags. */
const waitingCommands: ReadonlySet<string> = new Set(['attach', 'port-forward', 'proxy', 'wait']);
/** Flags that make a command of kubectl go on. */
const followingFlags: Readonly<Record<string, RegExp>> = {
  exec: /^(-[it]+|--stdin(=true)?)$/,
  get: /^(-w|--watch(-only)?(=true)?)$/,
  events: /^(-w|--watch(=true)?)$/,
  logs: /^(-f|--follow(=true)?)$/,
  run: /^(-[it]+|--stdin(=true)?|--attach(=true)?|--rm(=true)?)$/,
  delete: /^(-i|--interactive(=true)?)$/,
  debug: /^(-[it]+|--stdin(=true)?|--attach(=true)?)$/,
};

/** Whether a command at a terminal is followed while it runs. */
export function isFollowed([name, ...args]: readonly string[]): boolean {
  switch (name) {
    case 'kubectl':
      return isFollowedKubectl(args);
    case 'ping':
      return !args.some((word) => word.startsWith('-c'));
    case 'tcpdump':
      return true;
    case 'nc':
      return args.some((word) => /^-[a-z]*l/.test(word));
    case 'conntrack':
      return args.some((word) => word === '-E' || word === '--event');
    case 'ssh': {
      const words = args.filter((word) => !word.startsWith('-'));
      // Without a command it is a session of its own.
      return words.length === 1 || isFollowed(words.slice(1).flatMap((word) => word.split(/\s+/)));
    }
    default:
      return false;
  }
}

function isFollowedKubectl(args: readonly string[]): boolean {
  const dash = args.indexOf('--');
  const own = dash < 0 ? args : args.slice(0, dash);
  if (own.some((word) => word === '--help' || word === '-h')) return false;
  const words = commandWords(own);
  const [command = '', subcommand] = words;
  if (waitingCommands.has(command)) return true;
  if (command === 'exec' && dash >= 0 && isFollowed(args.slice(dash + 1))) return true;
  if (command === 'rollout') return subcommand === 'status';
  const flag = Object.hasOwn(followingFlags, command) ? followingFlags[command] : undefined;
  return flag !== undefined && own.some((word) => flag.test(word));
}

/** The words that are neither flags nor the values of the flags that may stand before a command. */
function commandWords(args: readonly string[]): readonly string[] {
  const withValue = new Set(['-n', '--namespace', '--context', '--kubeconfig', '--cluster', '--user', '-s']);
  return args.filter((word, at) => !word.startsWith('-') && !withValue.has(args[at - 1] ?? ''));
}
