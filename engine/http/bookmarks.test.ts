import { describe, expect, it } from 'vitest';
import { sendBookmarks } from './bookmarks.ts';

/** Seconds of a watch at which bookmarks were sent. */
function sentAt(lengthSeconds: number, stopSeconds = lengthSeconds): readonly number[] {
  const sent: number[] = [];
  const timers: { atMs: number; action: () => void }[] = [];
  let nowMs = 0;
  const after = (ms: number, action: () => void) => {
    const timer = { atMs: nowMs + ms, action };
    timers.push(timer);
    return () => {
      timers.splice(timers.indexOf(timer), 1);
    };
  };
  const stop = sendBookmarks({ after }, lengthSeconds * 1000, () => sent.push(nowMs / 1000));
  for (let timer = timers.shift(); timer !== undefined; timer = timers.shift()) {
    nowMs = timer.atMs;
    timer.action();
    if (nowMs >= stopSeconds * 1000) stop();
  }
  return sent;
}

describe('bookmarks of a watch', () => {
  it.each([
    ['too short for one', 2, []],
    ['of seconds', 10, [8]],
    ['of a minute and a half', 90, [60, 88]],
    ['whose last minute ends with it', 180, [60, 120, 178]],
    ['whose last one falls on a minute', 122, [60, 120]],
  ])('come each minute and two seconds before its end: a watch %s', (_, lengthSeconds, want) => {
    expect(sentAt(lengthSeconds)).toEqual(want);
  });

  it('come before the end of a watch of default length, too', () => {
    expect(sentAt(1_830).slice(-2)).toEqual([1_800, 1_828]);
  });

  it('end with the watch', () => {
    expect(sentAt(600, 120)).toEqual([60, 120]);
  });
});
