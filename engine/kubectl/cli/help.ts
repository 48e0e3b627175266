/** Help in kubectl's shape: what a command does, its flags and its usage line. The descriptions are our own. */
import { compareKeys } from '../../base/sorted-map.ts';
import type { Command } from './command.ts';
import { type Example, examplesOf } from './examples.ts';
import type { FlagSpec } from './flag-table.ts';
import { globalFlags } from './flags.ts';

const globalHint =
  'Use "kubectl options" for a list of global command-line options (applies to all commands).';

/** The help of one command or group. */
export function formatHelp(command: Command, path: string): string {
  const parts = [command.long ?? `${command.short}.`];
  if (command.aliases !== undefined) parts.push(`Aliases:\n${[command.name, ...command.aliases].join(', ')}`);
  const examples = examplesOf(path.replace(/^kubectl /, ''));
  if (examples.length > 0) parts.push(`Examples:\n${formatExamples(examples)}`);
  if (command.subcommands !== undefined)
    parts.push(`Available Commands:\n${formatCommands(command.subcommands)}`);
  const flags = command.flags.filter((flag) => flag.hidden !== true);
  if (flags.length > 0) parts.push(`Options:\n${formatFlags(flags)}`);
  parts.push(
    `Usage:\n  ${path}${command.usage === '' ? '' : ` ${command.usage}`}${command.usage.includes('[options]') ? '' : ' [options]'}`,
  );
  const hints =
    command.subcommands === undefined
      ? ''
      : `Use "${path} <command> --help" for more information about a given command.\n`;
  parts.push(`${hints}${globalHint}`);
  return `${parts.join('\n\n')}\n`;
}

/** The help of `kubectl` itself. */
export function formatRootHelp(root: Command): string {
  return [
    'kubectl controls the Kubernetes cluster manager.',
    ' Find more information at: https://kubernetes.io/docs/reference/kubectl/',
    ...rootGroups(root.subcommands ?? []),
    'Subcommands provided by plugins:',
    ...otherCommands(root.subcommands ?? []),
    'Usage:\n  kubectl [flags] [options]',
    `Use "kubectl <command> --help" for more information about a given command.\n${globalHint}\n`,
  ].join('\n\n');
}

/** The sections of kubectl's own help, each command where upstream has it. Source: k8s.io/kubectl/pkg/cmd/cmd.go. */
const sections: readonly (readonly [title: string, names: string])[] = [
  ['Basic Commands (Beginner)', 'create expose run set'],
  ['Basic Commands (Intermediate)', 'explain get edit delete'],
  ['Deploy Commands', 'rollout scale autoscale'],
  ['Cluster Management Commands', 'certificate cluster-info top cordon uncordon drain taint'],
  [
    'Troubleshooting and Debugging Commands',
    'describe logs attach exec port-forward proxy cp auth debug events',
  ],
  ['Advanced Commands', 'diff apply patch replace wait kustomize'],
  ['Settings Commands', 'label annotate completion'],
];

function rootGroups(commands: readonly Command[]): readonly string[] {
  return sections.map(([title, names]) => {
    const members = names.split(' ').flatMap((name) => commands.filter((one) => one.name === name));
    return `${title}:\n${formatLines(members, widthOf(commands))}`;
  });
}

function otherCommands(commands: readonly Command[]): readonly string[] {
  const known = new Set(sections.flatMap(([, names]) => names.split(' ')));
  const others = [...commands]
    .sort((a, b) => compareKeys(a.name, b.name))
    .filter(({ name }) => !known.has(name));
  return others.length === 0 ? [] : [`Other Commands:\n${formatLines(others, widthOf(commands))}`];
}

/** What `kubectl options` prints. */
export function formatGlobalFlags(): string {
  const flags = globalFlags.filter((flag) => flag.hidden !== true);
  return `The following options can be passed to any command:\n\n${formatFlags(flags)}\n`;
}

function formatCommands(commands: readonly Command[]): string {
  const sorted = [...commands].sort((a, b) => compareKeys(a.name, b.name));
  return formatLines(sorted, widthOf(commands));
}

function formatLines(commands: readonly Command[], width: number): string {
  return commands.map((command) => `  ${command.name.padEnd(width)}${command.short}`).join('\n');
}

function widthOf(commands: readonly Command[]): number {
  // Source: cobra, minNamePadding; three spaces follow.
  return Math.max(11, ...commands.map((command) => command.name.length)) + 3;
}

function formatExamples(examples: readonly Example[]): string {
  return examples.map(({ does, line }) => `  # ${does}\n  ${line}`).join('\n  \n');
}

function formatFlags(flags: readonly FlagSpec[]): string {
  const sorted = [...flags].sort((a, b) => compareKeys(a.name, b.name));
  return sorted.map((flag) => `    ${flagHead(flag)}:\n\t${flag.usage}\n`).join('\n');
}

function flagHead(flag: FlagSpec): string {
  const names = flag.short === undefined ? `--${flag.name}` : `-${flag.short}, --${flag.name}`;
  const initial = flag.initial ?? (flag.type === 'stringSlice' || flag.type === 'stringArray' ? '[]' : '');
  return `${names}=${flag.type === 'string' ? `'${initial}'` : initial}`;
}
