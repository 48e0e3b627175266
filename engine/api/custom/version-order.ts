/**
 * The order of an API's versions: stable ones first, newer before older, then beta, then alpha, others by name. Source:
 * k8s.io/apimachinery/pkg/version/helpers.go (CompareKubeAwareVersionStrings).
 */
import { compareKeys } from '../../base/sorted-map.ts';

/** Negative when `a` comes before `b`. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [readVersion(a), readVersion(b)];
  if (left === undefined || right === undefined) {
    return left === right ? compareKeys(a, b) : left === undefined ? 1 : -1;
  }
  return right.level - left.level || right.major - left.major || right.minor - left.minor;
}

function readVersion(
  text: string,
): { readonly major: number; readonly level: number; readonly minor: number } | undefined {
  const match = /^v(\d{1,9})(?:(alpha|beta)(\d{1,9}))?$/.exec(text);
  if (match === null) return undefined;
  const [, major = '', level, minor = '0'] = match;
  return {
    major: Number(major),
    level: level === undefined ? 2 : level === 'beta' ? 1 : 0,
    minor: Number(minor),
  };
}
