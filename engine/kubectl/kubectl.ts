/** kubectl: from a command line to its output and exit code. */
import { ok } from '../base/result.ts';
import type { Command } from './cli/command.ts';
import { findCommand, missingFlags } from './cli/dispatch.ts';
import { parseArguments } from './cli/flag-table.ts';
import { globalFlags } from './cli/flags.ts';
import { formatGlobalFlags, formatHelp, formatRootHelp } from './cli/help.ts';
import { printCompletions } from './commands/complete.ts';
import { rootCommand } from './commands/root.ts';
import { describeFailure, failure, type Outcome } from './failure.ts';
import type { KubectlHost } from './host.ts';
import { Invocation } from './invocation.ts';
import { applyKuberc } from './kuberc.ts';
import { tellUnreachable } from './unreachable.ts';

/**
 * Runs one kubectl command line.
 *
 * @param argv the words behind `kubectl`.
 * @returns the exit code; output has gone to the host's streams.
 */
export async function runKubectl(argv: readonly string[], host: KubectlHost): Promise<number> {
  const outcome = await dispatch(argv, host);
  if (outcome.ok) return 0;
  const { text, code } = describeFailure(outcome.error);
  if (text !== '') host.writeStderr(text);
  return code;
}

async function dispatch(typed: readonly string[], host: KubectlHost): Promise<Outcome<void>> {
  const preferred = typed.length === 0 ? ok(typed) : await applyKuberc(host, rootCommand, typed);
  if (!preferred.ok) return preferred;
  const argv = preferred.value;
  if (argv.length === 0) return print(host, formatRootHelp(rootCommand));
  if (argv[0] === 'alpha') {
    host.writeStderr('No alpha commands are available in this version of kubectl\n');
    return ok(undefined);
  }
  if (argv[0] === 'options') return runOptions(argv.slice(1), host);
  // kubectl has no help for a list of its own flags.
  if (argv[0] === 'help' && argv[1] === 'options') return ok(undefined);
  if (argv[0] === '__complete' || argv[0] === '__completeNoDesc') {
    const parsed = parseArguments(globalWords(argv), globalFlags);
    if (!parsed.ok) return failure(parsed.error);
    const invocation = new Invocation(host, 'kubectl __complete', parsed.value);
    return printCompletions(invocation, rootCommand, argv.slice(1));
  }
  const found = findCommand(rootCommand, argv[0] === 'help' ? [...argv.slice(1), '--help'] : argv);
  if (!found.ok) return found;
  const { command, path, parsed } = found.value;
  if (parsed.flags.bool('help')) {
    return print(host, command === rootCommand ? formatRootHelp(rootCommand) : formatHelp(command, path));
  }
  for (const flag of found.value.flags) {
    if (flag.deprecated === undefined || !parsed.flags.isSet(flag.name)) continue;
    host.writeStderr(`Flag --${flag.name} has been deprecated, ${flag.deprecated}\n`);
  }
  const missing = missingFlags(command, parsed);
  if (missing !== undefined) return failure(missing);
  const invocation = new Invocation(host, path, parsed);
  if (command.run === undefined) return runGroup(command, invocation);
  if (command.isLocal !== true) {
    const connected = await invocation.connect();
    if (!connected.ok) return connected;
  }
  const outcome = await command.run(invocation);
  if (!outcome.ok && outcome.error.kind === 'unreachable') tellUnreachable(invocation, outcome.error);
  return outcome;
}

function runOptions(words: readonly string[], host: KubectlHost): Outcome<void> {
  const parsed = parseArguments(words, globalFlags);
  if (!parsed.ok) return failure(`${parsed.error}\nRun 'kubectl options' without flags.`);
  return parsed.value.flags.bool('help') ? ok(undefined) : print(host, formatGlobalFlags());
}

/** The finished words of a line that say which cluster and namespace it is about. */
function globalWords(argv: readonly string[]): readonly string[] {
  const wanted = ['--namespace', '-n', '--context', '--cluster', '--user', '--kubeconfig', '--server', '-s'];
  return argv.slice(1, -1).flatMap((word, index, words) => {
    const next = words[index + 1];
    if (wanted.includes(word)) return next === undefined ? [] : [word, next];
    return wanted.some((flag) => word.startsWith(`${flag}=`)) ? [word] : [];
  });
}

/** A group alone prints its help and fails; with a word it says that it knows no such command. */
function runGroup(command: Command, invocation: Invocation): Outcome<void> {
  const [word] = invocation.args;
  if (word !== undefined)
    return invocation.usageFailure(`unknown command ${JSON.stringify(invocation.args.join(' '))}`);
  const help = formatHelp(command, invocation.path);
  if (command.helpOnStdout === true) invocation.out(help);
  else invocation.err(help);
  return { ok: false, error: { kind: 'exit', code: 1, text: '' } };
}

function print(host: KubectlHost, text: string): Outcome<void> {
  host.writeStdout(text);
  return ok(undefined);
}
