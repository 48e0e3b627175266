/**
 * A container's log as the runtime keeps it, and as the kubelet serves it: lines of both streams in order of time.
 * Source: internal/cri/io/logger.go of containerd; cri-client/pkg/logs. Left out: rotation.
 */
import type { LogOptions } from '../../api/node-connection.ts';
import type { TextStream } from '../../api/request.ts';
import type { LogChunk, ProcessAdmin } from '../../net/linux.ts';

interface LogLine {
  readonly atMs: number;
  /** With its newline, unless the process has not ended the line. */
  readonly text: string;
}

/** The part of a log that the options ask for. */
export function containerLog(
  chunks: readonly LogChunk[],
  options: Pick<LogOptions, 'timestamps' | 'tailLines' | 'sinceSeconds' | 'sinceMs' | 'limitBytes'>,
  nowMs: number,
): string {
  const { sinceSeconds, sinceMs = Number.NEGATIVE_INFINITY } = options;
  const fromMs = sinceSeconds === undefined ? sinceMs : nowMs - sinceSeconds * 1000;
  let lines = splitLines(chunks).filter(({ atMs }) => atMs >= fromMs);
  if (options.tailLines !== undefined) lines = options.tailLines === 0 ? [] : lines.slice(-options.tailLines);
  const text = lines.map((line) => formatLine(line, options.timestamps)).join('');
  return options.limitBytes === undefined ? text : cutBytes(text, options.limitBytes);
}

/** Reads what a running process writes from now on. */
export function createLogReader(
  processes: ProcessAdmin,
  pid: number,
  options: Pick<LogOptions, 'timestamps'>,
): TextStream {
  let seen = splitLines(processes.readLog(pid)).length;
  let isClosed = false;
  return {
    read() {
      if (isClosed) return '';
      const lines = splitLines(processes.readLog(pid));
      const ended = !processes.isRunning(pid);
      const ready = lines.slice(seen).filter(({ text }) => ended || text.endsWith('\n'));
      seen += ready.length;
      return ready.map((line) => formatLine(line, options.timestamps)).join('');
    },
    isEnded() {
      return isClosed || (!processes.isRunning(pid) && splitLines(processes.readLog(pid)).length <= seen);
    },
    close() {
      isClosed = true;
    },
  };
}

function splitLines(chunks: readonly LogChunk[]): readonly LogLine[] {
  const decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };
  const partial = { stdout: '', stderr: '' };
  const lines: LogLine[] = [];
  let lastMs = 0;
  for (const { atMs, stream, bytes } of chunks) {
    lastMs = atMs;
    const pieces = (partial[stream] + decoders[stream].decode(bytes, { stream: true })).split('\n');
    partial[stream] = pieces.pop() ?? '';
    for (const piece of pieces) lines.push({ atMs, text: `${piece}\n` });
  }
  for (const rest of [partial.stdout, partial.stderr])
    if (rest !== '') lines.push({ atMs: lastMs, text: rest });
  return lines;
}

/** Nanoseconds in nine digits, as the kubelet prints them. */
function formatLine({ atMs, text }: LogLine, timestamps: boolean): string {
  return timestamps ? `${new Date(atMs).toISOString().replace('Z', '000000Z')} ${text}` : text;
}

function cutBytes(text: string, limit: number): string {
  return new TextDecoder().decode(new TextEncoder().encode(text).slice(0, limit));
}
