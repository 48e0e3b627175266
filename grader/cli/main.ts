#!/usr/bin/env node
/** The process: the only place that touches it. */
import { isatty } from 'node:tty';
import { exitCodes, type Io, type Terminal } from './io.ts';
import { runCli } from './run.ts';

/** Source: bash(1): a process ended by signal N has the exit code 128 + N; SIGPIPE is 13. */
const brokenPipe = 128 + 13;
const endingSignals = [
  ['SIGINT', 128 + 2],
  ['SIGTERM', 128 + 15],
  ['SIGHUP', 128 + 1],
] as const;

const interruptListeners: (() => void)[] = [];
const isTerminal = isatty(0) && isatty(1);
const terminal: Terminal = {
  get input() {
    return process.stdin;
  },
  output: process.stdout,
};
const io: Io = {
  writeStdout: (text) => void process.stdout.write(text),
  writeStderr: (text) => void process.stderr.write(text),
  // Opening it costs time, and only a shell reads it.
  get stdin() {
    return process.stdin;
  },
  env: process.env,
  cwd: process.cwd(),
  terminal: isTerminal ? terminal : undefined,
  onInterrupt: (listener) => void interruptListeners.push(listener),
};

// A reader that went away (`| head`) is no error of ours; everything else about stdout is.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    process.exit(error.code === 'EPIPE' ? brokenPipe : exitCodes.failed);
  });
}
for (const [signal, exitCode] of endingSignals) {
  process.on(signal, () => {
    if (interruptListeners.length === 0) process.exit(exitCode);
    // A second signal finds nobody left to wait for.
    for (const listener of interruptListeners.splice(0)) listener();
  });
}

if (isTerminal) {
  // Read by react and ink when they are loaded: react's checks for developers cost time, and where CI is set, be
  // it to `false`, ink draws nothing and chalk has no colours, though here a person looks.
  process.env.NODE_ENV ??= 'production';
  delete process.env.CI;
  delete process.env.CONTINUOUS_INTEGRATION;
}

process.exitCode = await runCli(process.argv.slice(2), io);
