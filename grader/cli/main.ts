#!/usr/bin/env node
/** The process: the only place that touches it. */
import { isatty } from 'node:tty';
import { exitCodes, type Io } from './io.ts';
import { runCli } from './run.ts';

/** Source: bash(1): ended by SIGPIPE (13), by SIGINT (2). */
const brokenPipe = 128 + 13;
const interrupted = 128 + 2;

const isTerminal = isatty(0) && isatty(1);
const io: Io = {
  writeStdout: (text) => void process.stdout.write(text),
  writeStderr: (text) => void process.stderr.write(text),
  // Opening it costs time, and only a shell reads it.
  get stdin() {
    return process.stdin;
  },
  env: process.env,
  cwd: process.cwd(),
  terminal: isTerminal ? process.stdout : undefined,
};

// A reader that went away (`| head`) is no error of ours; everything else about stdout is.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    process.exit(error.code === 'EPIPE' ? brokenPipe : exitCodes.failed);
  });
}
process.on('SIGINT', () => process.exit(interrupted));

process.exitCode = await runCli(process.argv.slice(2), io);
