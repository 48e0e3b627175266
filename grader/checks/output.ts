/** Check `output`: what a line prints after the learner's files, or what the learner's own script printed. */
import type { Cause } from '../../engine/index.ts';
import type { Evidence } from '../exercise/result.ts';
import type { OutputCheck, Pattern } from '../exercise/schema.ts';
import { commandText } from '../exercise/script.ts';
import { computeValue, signalOption } from './computed-value.ts';
import { type CheckContext, type CheckOutcome, failed, passed, type TranscriptEntry } from './context.ts';
import { exampleOf, expressionOf, matches } from './pattern.ts';

/** How much of what was printed stands in a cause; the evidence has all of it. */
const maxShownOutput = 300;

/** Runs the check's own line, or takes the script's recorded output, and holds it against what is wanted. */
export async function runOutputCheck(check: OutputCheck, context: CheckContext): Promise<CheckOutcome> {
  const printed = await findOutput(check, context);
  const broken = check.everySucceeds ? firstFailed(check, context) : undefined;
  if (broken !== undefined) {
    const text = `${broken.stdout}${broken.stderr}`;
    return failed(commandFailed(broken), { kind: 'output', command: broken.command, text });
  }
  const evidence: Evidence = {
    kind: 'output',
    command: printed.command,
    text: `${printed.stdout}${printed.stderr}`,
  };
  const wanted = firstMissing(check, printed) ?? (await firstUnprinted(check, printed, context));
  if (wanted !== undefined) {
    const found = shorten(wanted.stream === 'stderr' ? printed.stderr : printed.stdout);
    const stopped = explainExec(printed, context);
    if (stopped !== undefined) return failed(stopped, evidence);
    // A command that failed is the reason of what it did not print: of a script the first such.
    const culprit = check.of === undefined ? printed : context.scripts.get(check.of)?.find(hasFailed);
    return culprit !== undefined && hasFailed(culprit) && (check.exitCode ?? 0) === 0
      ? failed(commandFailed(culprit), evidence)
      : failed(
          {
            code: 'output-differs',
            command: printed.command,
            wanted: wanted.text,
            found,
            ...(wanted.expects && { expects: wanted.expects }),
          },
          evidence,
        );
  }
  if (check.exitCode !== undefined && printed.exitCode !== check.exitCode) {
    return printed.exitCode === 0
      ? failed(
          {
            code: 'output-differs',
            command: printed.command,
            wanted: `exit code ${check.exitCode}`,
            found: 'exit code 0',
          },
          evidence,
        )
      : failed(commandFailed(printed), evidence);
  }
  return judgeScript(check, context) ?? passed;
}

async function findOutput(check: OutputCheck, context: CheckContext): Promise<TranscriptEntry> {
  if (check.run !== undefined) {
    return { command: check.run, ...(await context.shell.run(check.run, signalOption(context))) };
  }
  const entries = context.scripts.get(check.of ?? '') ?? [];
  return {
    command: check.of ?? '',
    stdout: entries.map((entry) => entry.stdout).join(''),
    stderr: entries.map((entry) => entry.stderr).join(''),
    exitCode: entries.at(-1)?.exitCode ?? 0,
  };
}

/** A process that was killed ended as somebody wanted. Source: the shell adds the signal's number to 128. */
const killedCodes: ReadonlySet<number> = new Set([128 + 9, 128 + 15]);

/** diff, grep and test say no with 1 and without a word, which is an answer and no failure. */
function hasFailed({ exitCode, stderr }: TranscriptEntry): boolean {
  if (killedCodes.has(exitCode)) return false;
  return exitCode > 1 || (exitCode === 1 && stderr !== '');
}

/** What keeps a Pod from running into which a command could not be sent. */
function explainExec(printed: TranscriptEntry, { engine, cluster }: CheckContext): Cause | undefined {
  const exec = /^kubectl exec (.*?)(?: -- |$)/.exec(printed.command)?.[1]?.split(/\s+/) ?? [];
  if (exec.length === 0 || printed.exitCode === 0) return undefined;
  const namespaceAt = exec.findIndex((word) => word === '-n' || word === '--namespace');
  const namespace = namespaceAt < 0 ? 'default' : (exec[namespaceAt + 1] ?? 'default');
  const pod = exec.find((word, index) => !word.startsWith('-') && !exec[index - 1]?.startsWith('-'));
  return pod === undefined ? undefined : engine.explainPod(cluster, namespace, pod);
}

function firstFailed(check: OutputCheck, context: CheckContext): TranscriptEntry | undefined {
  return context.scripts.get(check.of ?? '')?.find(({ exitCode }) => exitCode !== 0);
}

interface Missing {
  readonly stream: 'stdout' | 'stderr';
  readonly text: string;
  readonly expects?: 'line' | 'no-line';
}

function firstMissing(check: OutputCheck, printed: TranscriptEntry): Missing | undefined {
  const finds = (pattern: Pattern, text: string) => matches(expressionOf(pattern), text);
  const absent = check.stdoutMatches.find((pattern) => !finds(pattern, printed.stdout));
  if (absent !== undefined) return { stream: 'stdout', text: exampleOf(absent), expects: 'line' };
  const unwanted = check.stdoutLacks.find((pattern) => finds(pattern, printed.stdout));
  if (unwanted !== undefined) return { stream: 'stdout', text: exampleOf(unwanted), expects: 'no-line' };
  const silent = check.stderrMatches.find((pattern) => !finds(pattern, printed.stderr));
  return silent === undefined ? undefined : { stream: 'stderr', text: exampleOf(silent), expects: 'line' };
}

/** Words of an address or name: `10.244.1.5` is not printed by `10.244.1.58`. */
const wordBreak = /[^\p{L}\p{N}._-]+|[.](?=\s|$)/u;

async function firstUnprinted(
  check: OutputCheck,
  printed: TranscriptEntry,
  context: CheckContext,
): Promise<Missing | undefined> {
  const words = printed.stdout.split(wordBreak);
  for (const { value, before, times } of check.prints) {
    const computed = await computeValue(before ? { ...context, cluster: context.world } : context, value);
    // What the cluster no longer shows can't have been asked for: an object check says why it is gone.
    if (!computed.ok) continue;
    if (words.filter((word) => word === computed.value).length < times) {
      return { stream: 'stdout', text: times === 1 ? computed.value : `${computed.value} (${times}×)` };
    }
  }
  return undefined;
}

function judgeScript(check: OutputCheck, context: CheckContext): CheckOutcome | undefined {
  if (check.scriptMatches.length === 0 && check.scriptLacks.length === 0) return undefined;
  const path = check.of ?? context.scripts.keys().next().value ?? '';
  const script = commandText(context.files.get(path) ?? '');
  const absent = check.scriptMatches.find((pattern) => !matches(expressionOf(pattern), script));
  const unwanted = check.scriptLacks.find((pattern) => matches(expressionOf(pattern), script));
  const pattern = absent ?? unwanted;
  if (pattern === undefined) return undefined;
  return failed({
    code: 'output-differs',
    command: path,
    expects: absent === undefined ? 'no-command' : 'command',
    wanted: exampleOf(pattern),
    found: shorten(script),
  });
}

function commandFailed({ command, exitCode, stderr }: TranscriptEntry) {
  return { code: 'command-failed', command, exitCode, stderr: shorten(stderr) } as const;
}

function shorten(text: string): string {
  const trimmed = text.trim();
  return trimmed.length > maxShownOutput ? `${trimmed.slice(0, maxShownOutput)}…` : trimmed;
}
