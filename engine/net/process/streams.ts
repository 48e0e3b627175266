/** Pipes and kept output: bytes between processes, and from a process to whoever reads what it printed. */
import type { Limits } from '../../base/limits.ts';
import type { LogChunk } from '../linux.ts';
import { joinBytes } from './bytes.ts';
import type { OutputState, StreamState } from './state.ts';

/** Bytes that a pipe holds before its writer waits. Source: pipe(7), capacity. */
export const pipeCapacityBytes = 65_536;

/** A stream that holds these bytes. */
export function createStream(writers: number, bytes?: Uint8Array): StreamState {
  const chunks = bytes === undefined || bytes.length === 0 ? [] : [bytes];
  return { chunks, bytes: bytes?.length ?? 0, writers, readers: 0, waiting: new Set() };
}

/** Adds bytes at the end. */
export function pushBytes(stream: StreamState, bytes: Uint8Array): void {
  if (bytes.length === 0) return;
  stream.chunks.push(bytes);
  stream.bytes += bytes.length;
}

/** Takes everything, or one line at most; undefined when there is nothing (or no whole line while writers are left). */
export function takeBytes(stream: StreamState, line: boolean): Uint8Array | undefined {
  if (stream.bytes === 0) return undefined;
  const all = joinBytes(stream.chunks);
  const newline = line ? all.indexOf(0x0a) : -1;
  if (line && newline < 0 && stream.writers > 0) return undefined;
  const end = newline < 0 ? all.length : newline + 1;
  stream.chunks.splice(0, stream.chunks.length);
  stream.bytes = 0;
  pushBytes(stream, all.subarray(end));
  return all.subarray(0, end);
}

/** Output of which nothing was written yet. */
export function createOutput(followed = false): OutputState {
  return { chunks: [], written: { stdout: 0, stderr: 0 }, dropped: { stdout: 0, stderr: 0 }, followed };
}

/** Adds what was written, and lets the oldest go when there is more than the limits allow. */
export function appendOutput(
  output: OutputState,
  chunk: LogChunk,
  limits: Pick<Limits, 'maxOutputBytes' | 'maxUnreadBytes'>,
): void {
  const maxBytes = output.followed ? limits.maxUnreadBytes : limits.maxOutputBytes;
  output.chunks.push(Object.freeze(chunk));
  output.written[chunk.stream] += chunk.bytes.length;
  let kept = output.written.stdout + output.written.stderr - output.dropped.stdout - output.dropped.stderr;
  let oldest = 0;
  for (; kept > maxBytes && oldest < output.chunks.length - 1; oldest += 1) {
    const dropped = output.chunks[oldest];
    if (dropped === undefined) break;
    output.dropped[dropped.stream] += dropped.bytes.length;
    kept -= dropped.bytes.length;
  }
  if (oldest > 0) output.chunks.splice(0, oldest);
}

/** Takes all that waits of one stream. */
export function takeOutput(output: OutputState, stream: 'stdout' | 'stderr'): Uint8Array {
  const taken = output.chunks.filter((chunk) => chunk.stream === stream);
  if (taken.length === 0) return new Uint8Array();
  const left = output.chunks.filter((chunk) => chunk.stream !== stream);
  output.chunks.splice(0, output.chunks.length, ...left);
  output.dropped[stream] = output.written[stream];
  return joinBytes(taken.map(({ bytes }) => bytes));
}

/** What was written to one stream since `from`, a count of bytes from its beginning. */
export function readOutput(output: OutputState, stream: 'stdout' | 'stderr', from: number): Uint8Array {
  const pieces: Uint8Array[] = [];
  let offset = output.dropped[stream];
  for (const chunk of output.chunks) {
    if (chunk.stream !== stream) continue;
    const skip = Math.max(0, from - offset);
    if (skip < chunk.bytes.length) pieces.push(chunk.bytes.subarray(skip));
    offset += chunk.bytes.length;
  }
  return joinBytes(pieces);
}
