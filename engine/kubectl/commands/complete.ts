/**
 * `kubectl __complete`, which a shell asks at Tab, and `kubectl completion`, whose script asks it.
 * Source: spf13/cobra's __complete command and k8s.io/kubectl/pkg/util/completion.
 */
import { ok } from '../../base/result.ts';
import { compareKeys } from '../../base/sorted-map.ts';
import type { Command } from '../cli/command.ts';
import type { FlagSpec } from '../cli/flag-table.ts';
import { globalFlags } from '../cli/flags.ts';
import { failure, type Outcome } from '../failure.ts';
import type { Invocation } from '../invocation.ts';
import { objectsAt, stringAt } from '../rest/object-fields.ts';
import { qualifiedResource, resourcePath } from '../rest/rest-mapper.ts';

/** What may stand where the cursor is; a description follows a tab. */
interface Completions {
  readonly choices: readonly string[];
  /** A bit set as cobra has it: 2 leaves out the space behind a choice, 4 keeps file names away. */
  readonly directive: number;
}

const noFiles = 4;
const noSpace = 2;

const directiveNames: readonly (readonly [bit: number, name: string])[] = [
  [1, 'ShellCompDirectiveError'],
  [2, 'ShellCompDirectiveNoSpace'],
  [4, 'ShellCompDirectiveNoFileComp'],
];

const outputFormats: readonly string[] =
  'json yaml kyaml name go-template go-template-file template templatefile jsonpath jsonpath-as-json jsonpath-file'.split(
    ' ',
  );

/** Commands whose first argument is a Pod, whose name may be left without its kind. */
const podCommands: readonly string[] = ['attach', 'exec', 'logs', 'port-forward'];
/** Commands whose arguments are kinds and names. */
const kindCommands: readonly string[] =
  'annotate autoscale delete describe edit expose get label patch scale wait'.split(' ');
const nodeCommands: readonly string[] = ['cordon', 'drain', 'uncordon'];

/** The words of a line up to the cursor, the last one unfinished, and what they may become. */
async function complete(
  invocation: Invocation,
  root: Command,
  words: readonly string[],
): Promise<Completions> {
  const typed = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  const { command, rest } = descend(root, before);
  const flags = [...command.flags, ...globalFlags].filter((flag) => flag.hidden !== true);
  const waiting = flagAwaitingValue(before.at(-1), flags);
  if (waiting !== undefined) return completeValue(invocation, command, waiting, typed);
  const inline = /^--([a-z-]+)=(.*)$/.exec(typed);
  if (inline !== null) {
    const flag = flags.find((one) => one.name === inline[1]);
    return flag === undefined
      ? { choices: [], directive: 0 }
      : completeValue(invocation, command, flag, inline[2] ?? '');
  }
  if (typed.startsWith('-')) return completeFlags(flags, typed);
  if (command.subcommands !== undefined && rest.length === 0) {
    const choices = [...command.subcommands]
      .sort((a, b) => compareKeys(a.name, b.name))
      .filter((one) => one.name.startsWith(typed) && !one.name.startsWith('__'))
      .map((one) => `${one.name}\t${one.short}`);
    return { choices, directive: noFiles };
  }
  return completeArguments(invocation, command, rest, typed);
}

function descend(root: Command, words: readonly string[]): { command: Command; rest: readonly string[] } {
  let command = root;
  const rest: string[] = [];
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? '';
    if (word.startsWith('-')) {
      if (flagAwaitingValue(word, [...command.flags, ...globalFlags]) !== undefined) index += 1;
      continue;
    }
    const child =
      rest.length > 0
        ? undefined
        : command.subcommands?.find((one) => one.name === word || one.aliases?.includes(word));
    if (child === undefined) rest.push(word);
    else command = child;
  }
  return { command, rest };
}

function flagAwaitingValue(word: string | undefined, flags: readonly FlagSpec[]): FlagSpec | undefined {
  if (word === undefined || !word.startsWith('-') || word.includes('=')) return undefined;
  const flag = word.startsWith('--')
    ? flags.find((one) => one.name === word.slice(2))
    : word.length === 2
      ? flags.find((one) => one.short === word.slice(1))
      : undefined;
  return flag === undefined || flag.type === 'bool' || flag.bare !== undefined ? undefined : flag;
}

function completeFlags(flags: readonly FlagSpec[], typed: string): Completions {
  const sorted = [...flags].sort((a, b) => compareKeys(a.name, b.name));
  const choices = sorted.flatMap((flag) => {
    const long = `--${flag.name}`;
    const all = [long, ...(flag.short === undefined ? [] : [`-${flag.short}`])];
    return all.filter((one) => one.startsWith(typed)).map((one) => `${one}\t${flag.usage}`);
  });
  return { choices, directive: noFiles };
}

async function completeValue(
  invocation: Invocation,
  command: Command,
  flag: FlagSpec,
  typed: string,
): Promise<Completions> {
  const from = (values: readonly string[]): Completions => ({
    choices: values.filter((value) => value.startsWith(typed)),
    directive: noFiles,
  });
  if (flag.name === 'output' && flag.short === 'o') {
    return from(
      command.name === 'get'
        ? [...outputFormats, 'custom-columns', 'custom-columns-file', 'wide']
        : outputFormats,
    );
  }
  if (flag.name === 'dry-run') return from(['none', 'client', 'server']);
  if (flag.name === 'namespace') return from(await objectNames(invocation, 'namespaces'));
  if (flag.name === 'clusterrole') return from(await objectNames(invocation, 'clusterroles'));
  if (['context', 'cluster', 'user'].includes(flag.name)) {
    const kubeconfig = await invocation.kubeconfig();
    if (!kubeconfig.ok) return from([]);
    const { contexts, clusters, users } = kubeconfig.value;
    const names = flag.name === 'context' ? contexts : flag.name === 'cluster' ? clusters : users;
    return from([...names.keys()].sort(compareKeys));
  }
  return { choices: [], directive: 0 };
}

async function completeArguments(
  invocation: Invocation,
  command: Command,
  rest: readonly string[],
  typed: string,
): Promise<Completions> {
  const { name } = command;
  const from = (values: readonly string[], directive = noFiles): Completions => ({
    choices: values.filter((value) => value.startsWith(typed) && !rest.includes(value)),
    directive,
  });
  if (nodeCommands.includes(name)) return from(await objectNames(invocation, 'nodes'));
  if (podCommands.includes(name)) {
    const slash = typed.indexOf('/');
    if (slash > 0) return from(await namesOfKind(invocation, typed.slice(0, slash)));
    if (rest.length === 0) return from(await objectNames(invocation, 'pods'));
    return name === 'logs' && rest.length === 1
      ? from(await containersOf(invocation, rest[0] ?? ''))
      : from([]);
  }
  if (name === 'use-context' || name === 'delete-context') {
    const kubeconfig = await invocation.kubeconfig();
    return from(kubeconfig.ok ? [...kubeconfig.value.contexts.keys()].sort(compareKeys) : []);
  }
  if (!kindCommands.includes(name) && name !== 'explain') return { choices: [], directive: 0 };
  const [type] = rest;
  if (type !== undefined && !type.includes('/'))
    return name === 'explain' ? from([]) : from(await objectNames(invocation, type));
  const slash = typed.indexOf('/');
  if (slash > 0) return from(await namesOfKind(invocation, typed.slice(0, slash)));
  return from(await kinds(invocation), name === 'explain' ? noFiles | noSpace : noFiles);
}

async function kinds(invocation: Invocation): Promise<readonly string[]> {
  const connected = await invocation.connect();
  if (!connected.ok) return [];
  const mapper = await invocation.client.mapper();
  if (!mapper.ok) return [];
  const listed = mapper.value.mappings.filter(({ verbs }) => verbs.includes('get'));
  return [...new Set(listed.map(qualifiedResource))];
}

async function namesOfKind(invocation: Invocation, type: string): Promise<readonly string[]> {
  return (await objectNames(invocation, type)).map((name) => `${type}/${name}`);
}

async function objectNames(invocation: Invocation, type: string): Promise<readonly string[]> {
  const connected = await invocation.connect();
  if (!connected.ok) return [];
  const mapper = await invocation.client.mapper();
  if (!mapper.ok) return [];
  const mapping = mapper.value.byArgument(type);
  if (!mapping.ok) return [];
  const list = await invocation.client.get(resourcePath(mapping.value, invocation.namespace));
  return list.ok ? objectsAt(list.value, 'items').map((item) => stringAt(item, 'metadata', 'name')) : [];
}

async function containersOf(invocation: Invocation, pod: string): Promise<readonly string[]> {
  const connected = await invocation.connect();
  if (!connected.ok) return [];
  const found = await invocation.client.get(`/api/v1/namespaces/${invocation.namespace}/pods/${pod}`);
  return found.ok ? objectsAt(found.value, 'spec', 'containers').map((one) => stringAt(one, 'name')) : [];
}

/** What `__complete` prints: the choices, then the directive; its words on stderr. */
export async function printCompletions(
  invocation: Invocation,
  root: Command,
  words: readonly string[],
): Promise<Outcome<void>> {
  if (words.length === 0) return failure('__complete requires at least one argument');
  const { choices, directive } = await complete(invocation, root, words);
  invocation.out([...choices, `:${directive}`].map((line) => `${line}\n`).join(''));
  const names = directiveNames.filter(([bit]) => (directive & bit) !== 0).map(([, name]) => name);
  invocation.err(`Completion ended with directive: ${names.join(', ') || 'ShellCompDirectiveDefault'}\n`);
  return ok(undefined);
}

const bashScript = `# bash completion for kubectl: asks kubectl itself what may follow.
__kubectl_complete() {
    local line directive
    COMPREPLY=()
    while IFS='' read -r line; do
        case "$line" in
            :*) directive=\${line#:} ;;
            *) COMPREPLY+=("\${line%%$'\\t'*}") ;;
        esac
    done < <(kubectl __complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
    [ $((directive & 2)) -ne 0 ] && compopt -o nospace
    [ $((directive & 4)) -eq 0 ] && compopt -o default
}
complete -F __kubectl_complete kubectl
`;

const zshScript = `#compdef kubectl
# zsh completion for kubectl: asks kubectl itself what may follow.
_kubectl() {
    local line
    local -a choices
    while IFS='' read -r line; do
        case "$line" in
            :*) ;;
            *) choices+=("\${line/$'\\t'/:}") ;;
        esac
    done < <(kubectl __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)
    _describe kubectl choices
}
compdef _kubectl kubectl
`;

const fishScript = `# fish completion for kubectl: asks kubectl itself what may follow.
function __kubectl_complete
    set -l words (commandline -opc) (commandline -ct)
    kubectl __complete $words[2..-1] 2>/dev/null | string match -v ':*'
end
complete -c kubectl -f -a '(__kubectl_complete)'
`;

const powershellScript = `# PowerShell completion for kubectl: asks kubectl itself what may follow.
Register-ArgumentCompleter -Native -CommandName kubectl -ScriptBlock {
    param($word, $line, $position)
    $words = @($line.CommandElements | Select-Object -Skip 1 | ForEach-Object { $_.ToString() })
    if ($word -eq '') { $words += '' }
    kubectl __complete @words 2>$null | Where-Object { $_ -notlike ':*' } | ForEach-Object { ($_ -split "\`t")[0] }
}
`;

const scripts: ReadonlyMap<string, string> = new Map([
  ['bash', bashScript],
  ['fish', fishScript],
  ['powershell', powershellScript],
  ['zsh', zshScript],
]);

export const completionCommand: Command = {
  name: 'completion',
  usage: 'SHELL',
  short: 'Output shell completion code for the specified shell (bash, zsh, fish, or powershell)',
  isLocal: true,
  flags: [],
  run: async (invocation) => {
    const [shell, another] = invocation.args;
    if (shell === undefined) return invocation.usageFailure('Shell not specified.');
    if (another !== undefined)
      return invocation.usageFailure('Too many arguments. Expected only the shell type.');
    const script = scripts.get(shell);
    if (script === undefined)
      return invocation.usageFailure(`Unsupported shell type ${JSON.stringify(shell)}.`);
    invocation.out(script);
    return ok(undefined);
  },
};
