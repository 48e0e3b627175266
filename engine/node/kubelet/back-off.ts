/** Growing delays between tries. Source: client-go/util/flowcontrol/backoff.go; kubelet.go, MaxCrashLoopBackOff. */
import type { BackOff } from './state.ts';

const initialMs = 10_000;
const maxMs = 300_000;

/** Whether a try must wait still, counted from `sinceMs`; one that was quiet for long starts anew. */
export function isInBackOff(entry: BackOff | undefined, sinceMs: number, nowMs: number): boolean {
  if (entry === undefined || hasExpired(entry, sinceMs)) return false;
  return nowMs - sinceMs < entry.delayMs;
}

/** The delay after one more failure at `atMs`. */
export function nextBackOff(entry: BackOff | undefined, atMs: number, nowMs: number): BackOff {
  const isNew = entry === undefined || hasExpired(entry, atMs);
  return { delayMs: isNew ? initialMs : Math.min(2 * entry.delayMs, maxMs), updatedMs: nowMs };
}

/** A duration as Go prints it: `10s`, `1m20s`, `5m0s`. */
export function formatDuration(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
}

function hasExpired(entry: BackOff, atMs: number): boolean {
  return atMs - entry.updatedMs > 2 * maxMs;
}
