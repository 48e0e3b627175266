import { ok } from '../../base/result.ts';
import { compareKeys } from '../../base/sorted-map.ts';
import type { Command } from '../cli/command.ts';
import { formatHelp } from '../cli/help.ts';
import {
  fileForCurrentContext,
  fileForStanza,
  type KubeconfigFile,
  type StanzaKind,
  withStanza,
} from '../config/kubeconfig.ts';
import { type Failure, failure, joinFailures, type Outcome } from '../failure.ts';
import type { Invocation } from '../invocation.ts';
import { alignTabs, tableLayout } from '../printers/tab-writer.ts';
import { stringAt } from '../rest/object-fields.ts';
import { mergedConfig, saveFile } from './config-files.ts';
import { setCommand, unsetCommand } from './config-set.ts';
import { setClusterCommand, setContextCommand, setCredentialsCommand } from './config-stanzas.ts';
import { viewCommand } from './config-view.ts';

const currentContextCommand: Command = {
  name: 'current-context',
  usage: '[flags]',
  short: 'Display the current-context',
  isLocal: true,
  flags: [],
  run: async (invocation) => {
    const config = await mergedConfig(invocation);
    if (!config.ok) return config;
    if (config.value.currentContext === '') return failure('current-context is not set');
    invocation.out(`${config.value.currentContext}\n`);
    return ok(undefined);
  },
};

const getContextsCommand: Command = {
  name: 'get-contexts',
  usage: '[(-o|--output=)name)]',
  short: 'Describe one or many contexts',
  isLocal: true,
  flags: [
    { name: 'no-headers', type: 'bool', initial: 'false', usage: 'Leaves the line of headers out.' },
    { name: 'output', short: 'o', type: 'string', usage: 'name: only the names.' },
  ],
  run: runGetContexts,
};

async function runGetContexts(invocation: Invocation): Promise<Outcome<void>> {
  const { args, flags } = invocation;
  const output = flags.string('output');
  if (output !== '' && output !== 'name') {
    return failure(
      `--output ${output} is not available in kubectl config get-contexts; resetting to default output format`,
    );
  }
  const config = await mergedConfig(invocation);
  if (!config.ok) return config;
  const { contexts, currentContext } = config.value;
  const missing: readonly Failure[] = args
    .filter((name) => !contexts.has(name))
    .map((name) => ({ kind: 'message', message: `context ${name} not found` }));
  const names = (args.length === 0 ? [...contexts.keys()] : args.filter((name) => contexts.has(name))).sort(
    compareKeys,
  );
  const isNameOnly = output === 'name';
  let text = flags.bool('no-headers') || isNameOnly ? '' : 'CURRENT\tNAME\tCLUSTER\tAUTHINFO\tNAMESPACE\n';
  for (const name of names) {
    const context = contexts.get(name);
    const mark = name === currentContext ? '*' : '';
    const cells = [
      mark,
      name,
      stringAt(context, 'cluster'),
      stringAt(context, 'user'),
      stringAt(context, 'namespace'),
    ];
    text += isNameOnly ? `${name}\n` : `${cells.join('\t')}\n`;
  }
  invocation.out(alignTabs(text, tableLayout));
  const problem = joinFailures(missing);
  return problem === undefined ? ok(undefined) : { ok: false, error: problem };
}

const useContextCommand: Command = {
  name: 'use-context',
  usage: 'CONTEXT_NAME',
  short: 'Set the current-context in a kubeconfig file',
  aliases: ['use'],
  isLocal: true,
  flags: [],
  run: runUseContext,
};

async function runUseContext(invocation: Invocation): Promise<Outcome<void>> {
  const [name] = invocation.args;
  if (name === undefined || invocation.args.length > 1) {
    invocation.out(formatHelp(useContextCommand, invocation.path));
    return failure(`Unexpected args: [${invocation.args.join(' ')}]`);
  }
  const files = await invocation.kubeconfigFiles();
  if (!files.ok) return files;
  if (!files.value.some((file) => file.config.contexts.has(name))) {
    return failure(`no context exists with the name: ${JSON.stringify(name)}`);
  }
  const file = fileForCurrentContext(files.value);
  await saveFile(invocation, file, { ...file.config, currentContext: name });
  invocation.out(`Switched to context ${JSON.stringify(name)}.\n`);
  return ok(undefined);
}

const renameContextCommand: Command = {
  name: 'rename-context',
  usage: 'CONTEXT_NAME NEW_NAME',
  short: 'Rename a context from the kubeconfig file',
  isLocal: true,
  flags: [],
  run: runRenameContext,
};

async function runRenameContext(invocation: Invocation): Promise<Outcome<void>> {
  const [name, newName] = invocation.args;
  if (name === undefined || newName === undefined || invocation.args.length > 2) {
    invocation.out(formatHelp(renameContextCommand, invocation.path));
    return failure(`Unexpected args: [${invocation.args.join(' ')}]`);
  }
  const files = await invocation.kubeconfigFiles();
  if (!files.ok) return files;
  const file = fileForStanza(files.value, 'contexts', name);
  const stanza = file.config.contexts.get(name);
  if (stanza === undefined) {
    return failure(`cannot rename the context ${JSON.stringify(name)}, it's not in ${file.path}`);
  }
  if (files.value.some((one) => one.config.contexts.has(newName))) {
    return failure(
      `cannot rename the context ${JSON.stringify(name)}, the context ${JSON.stringify(newName)} already exists in ${file.path}`,
    );
  }
  const renamed = withStanza(
    withStanza(file.config, 'contexts', name, undefined),
    'contexts',
    newName,
    stanza,
  );
  const currentContext = renamed.currentContext === name ? newName : renamed.currentContext;
  await saveFile(invocation, file, { ...renamed, currentContext });
  invocation.out(`Context ${JSON.stringify(name)} renamed to ${JSON.stringify(newName)}.\n`);
  return ok(undefined);
}

/** `delete-context`, `delete-cluster` and `delete-user`. */
function deleteStanzaCommand(kind: StanzaKind, word: string): Command {
  const command: Command = {
    name: `delete-${word}`,
    usage: 'NAME',
    short: `Delete the specified ${word} from the kubeconfig`,
    isLocal: true,
    flags: [],
    run: async (invocation) => {
      const [name, more] = invocation.args;
      if (name === undefined || more !== undefined) {
        if (kind === 'users') return invocation.usageFailure('user to delete is required');
        invocation.out(formatHelp(command, invocation.path));
        return ok(undefined);
      }
      const files = await invocation.kubeconfigFiles();
      if (!files.ok) return files;
      const file = fileForStanza(files.value, kind, name);
      if (!file.config[kind].has(name)) return failure(`cannot delete ${word} ${name}, not in ${file.path}`);
      if (kind === 'contexts' && isCurrent(files.value, name)) {
        invocation.err(
          'warning: this removed your active context, use "kubectl config use-context" to select a different one\n',
        );
      }
      await saveFile(invocation, file, withStanza(file.config, kind, name, undefined));
      invocation.out(`deleted ${word} ${name} from ${file.path}\n`);
      return ok(undefined);
    },
  };
  return command;
}

function isCurrent(files: readonly KubeconfigFile[], name: string): boolean {
  return files.find((file) => file.config.currentContext !== '')?.config.currentContext === name;
}

/** `get-clusters` and `get-users`: the names alone. */
function listStanzasCommand(kind: StanzaKind, name: string, short: string): Command {
  return {
    name,
    usage: '[flags]',
    short,
    isLocal: true,
    flags: [],
    run: async (invocation) => {
      const config = await mergedConfig(invocation);
      if (!config.ok) return config;
      const names = [...config.value[kind].keys()].sort(compareKeys);
      invocation.out(['NAME', ...names].map((line) => `${line}\n`).join(''));
      return ok(undefined);
    },
  };
}

export const configCommand: Command = {
  name: 'config',
  usage: 'SUBCOMMAND',
  short: 'Modify kubeconfig files',
  isLocal: true,
  flags: [],
  subcommands: [
    currentContextCommand,
    deleteStanzaCommand('clusters', 'cluster'),
    deleteStanzaCommand('contexts', 'context'),
    deleteStanzaCommand('users', 'user'),
    listStanzasCommand('clusters', 'get-clusters', 'Display clusters defined in the kubeconfig'),
    getContextsCommand,
    listStanzasCommand('users', 'get-users', 'Display users defined in the kubeconfig'),
    renameContextCommand,
    setCommand,
    setClusterCommand,
    setContextCommand,
    setCredentialsCommand,
    unsetCommand,
    useContextCommand,
    viewCommand,
  ],
};
