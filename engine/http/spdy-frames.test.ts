/** SPDY's frames as bytes, against the draft's own numbers and the framer that kubectl uses. */
import { createHash } from 'node:crypto';
import { inflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import {
  controlFrame,
  dataFrame,
  emptyHeaderBlock,
  frameHeadBytes,
  headerDictionary,
  numbers,
  parseHeaderBlock,
  payloadBytes,
  readFrame,
} from './spdy-frames.ts';

describe('SPDY frames', () => {
  it('start header compression from the dictionary of the draft', () => {
    const dictionary = headerDictionary();
    const digest = createHash('sha256').update(dictionary).digest('hex');
    // Source: github.com/moby/spdystream v0.5.1, spdy/dictionary.go: its 1423 bytes hashed.
    expect([dictionary.length, digest]).toEqual([
      1423,
      '51d27341373f923f3cd88e1eb7162aeaa3723d7585ff2399201dc06498407f02',
    ]);
  });

  it('are read as they were written', () => {
    for (const [bytes, frame] of [
      [dataFrame(7, 1, Buffer.from('abc')), { type: 'data', streamId: 7, flags: 1 }],
      [controlFrame(6, 0, numbers(9)), { type: 'control', kind: 6, flags: 0 }],
    ] as const) {
      const head = bytes.subarray(0, frameHeadBytes);
      const payload = bytes.subarray(frameHeadBytes);
      expect(payloadBytes(head)).toBe(payload.length);
      expect(readFrame(head, payload)).toEqual({ ...frame, payload });
    }
  });

  it('carry empty header blocks that inflate', () => {
    const stream = Buffer.concat([emptyHeaderBlock(true), emptyHeaderBlock(false)]);
    expect(inflateSync(stream, { finishFlush: 2 })).toEqual(Buffer.alloc(8));
  });

  it.each([
    ['an empty block', Buffer.alloc(0), new Map()],
    ['a count without headers', numbers(1), undefined],
    ['a length past the end', Buffer.concat([numbers(1, 50), Buffer.from('a')]), undefined],
    [
      'a name that objects have',
      Buffer.concat([numbers(1, 9), Buffer.from('__proto__'), numbers(1), Buffer.from('x')]),
      new Map([['__proto__', 'x']]),
    ],
  ])('%s', (_, block, headers) => {
    expect(parseHeaderBlock(block)).toEqual(headers);
  });
});
