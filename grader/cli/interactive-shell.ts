/** The shell at a terminal: a prompt, the line editor, lines that can be watched and interrupted. */
import type { ShellPlace, ShellResult, ShellTerminal } from '../../engine/index.ts';
import { editText } from '../edit-text.ts';
import { isIncomplete } from '../exercise/script.ts';
import { formatPrompt } from '../line-editor/format-prompt.ts';
import { err } from '../result.ts';
import { findEditor } from './editor.ts';
import { exitCodes, type Terminal } from './io.ts';
import { LineReader, type Prompt } from './line-reader.ts';
import { exitOf, type OpenedShell } from './opened-shell.ts';
import { RunningInput } from './terminal-input.ts';

/** How often a watched line is looked at: often enough that a person sees no steps. */
const tickMs = 50;
/** Source: bash(1): a command ended by signal N has the exit status 128+N; SIGINT is 2. */
const interruptedCode = 130;

/** Reads and runs lines until `exit` or Ctrl-D; gives the exit code. */
export async function runInteractive(opened: OpenedShell, terminal: Terminal): Promise<number> {
  const { context, shell, history } = opened;
  // Source: no-color.org: set and not empty.
  const hasColour = (context.io.env.NO_COLOR ?? '') === '';
  const reader = new LineReader({ terminal, history, complete: (text) => shell.complete(text) });
  let lastCode: number = exitCodes.ok;
  let typed = '';
  reader.open();
  try {
    for (;;) {
      const read = await reader.read(typed === '' ? promptAt(await shell.place(), hasColour) : continuation);
      if (read.kind === 'end') return lastCode;
      if (read.kind === 'interrupt') {
        typed = '';
        lastCode = interruptedCode;
        continue;
      }
      typed += read.text;
      if (typed.trim() !== '' && isIncomplete(typed)) {
        typed += '\n';
        continue;
      }
      const line = typed;
      typed = '';
      const code = exitOf(line, lastCode);
      if (code !== undefined) return code;
      if (line.trim() !== '') lastCode = await runLine({ opened, terminal, reader }, line);
      opened.keepHistory(reader.history);
    }
  } finally {
    opened.keepHistory(reader.history);
    reader.close();
  }
}

const continuation: Prompt = { text: '> ', style: ['', ''] };

function promptAt(place: ShellPlace, hasColour: boolean): Prompt {
  return { text: formatPrompt(place), style: hasColour ? ['\u001b[1;32m', '\u001b[0m'] : ['', ''] };
}

interface Running {
  readonly opened: OpenedShell;
  readonly terminal: Terminal;
  readonly reader: LineReader;
}

async function runLine({ opened, terminal, reader }: Running, line: string): Promise<number> {
  const { io } = opened.context;
  if (line.trim() === 'clear') {
    terminal.output.write('\u001b[H\u001b[2J\u001b[3J');
    return exitCodes.ok;
  }
  const interrupt = new AbortController();
  const write = (text: string) => void terminal.output.write(text);
  const running = new RunningInput(reader, write, interrupt);
  const run = findEditor(io.env, io.cwd);
  const shown: ShellTerminal = {
    print: (stream, text) => {
      if (text !== '') (stream === 'stdout' ? io.writeStdout : io.writeStderr)(text);
    },
    pause: () => pause(tickMs),
    editText: async (path, text) => {
      if (run === undefined) return err('there is no editor: set EDITOR to yours (export EDITOR=vim)');
      return reader.lend(() => editText(run, path, text));
    },
    input: {
      read: (as) => running.input.read(as),
      isEnded: () => running.input.isEnded(),
      size: () => ({ columns: terminal.output.columns, rows: terminal.output.rows }),
    },
  };
  const stopWatching = reader.watchKeys((key) => running.onKey(key));
  try {
    const result = await opened.run(line, { terminal: shown, signal: interrupt.signal });
    print(opened, result);
    return result.exitCode;
  } catch (error) {
    if (!interrupt.signal.aborted) throw error;
    return interruptedCode;
  } finally {
    stopWatching();
  }
}

function print({ context }: OpenedShell, { stdout, stderr }: ShellResult): void {
  context.io.writeStdout(stdout);
  context.io.writeStderr(stderr);
}

function pause(ms: number): Promise<number> {
  const beganMs = performance.now();
  return new Promise((resolve) => {
    setTimeout(() => resolve(performance.now() - beganMs), ms);
  });
}
