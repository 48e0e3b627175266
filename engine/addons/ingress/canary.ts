/**
 * Whether a canary takes a request over: by a header field, else by a cookie, else by weight.
 * Source: ingress-nginx, rootfs/etc/nginx/lua/balancer.lua (route_to_alternative_balancer).
 */
import { matchesGoRegexp } from '../../api/custom/go-regexp.ts';
import { cookieOf, type Fields, fieldOf } from '../proxied-request.ts';
import type { Canary } from './annotations.ts';

/** What a canary says of a request, and which of its annotations says so. */
export interface CanaryVerdict {
  readonly takes: boolean;
  readonly by: 'header' | 'cookie' | 'weight';
}

/** Judges a request; `chance` is a number in [0, 1). */
export function judgeCanary(canary: Canary, headers: Fields, chance: number): CanaryVerdict {
  const asked = canary.header === '' ? undefined : fieldOf(headers, canary.header);
  if (asked !== undefined) {
    if (canary.headerValue !== '') {
      if (asked === canary.headerValue) return { takes: true, by: 'header' };
    } else if (canary.headerPattern !== '') {
      if (matchesGoRegexp(canary.headerPattern, asked)) return { takes: true, by: 'header' };
    } else if (asked === 'always') return { takes: true, by: 'header' };
    else if (asked === 'never') return { takes: false, by: 'header' };
  }
  const cookie = canary.cookie === '' ? undefined : cookieOf(headers, canary.cookie);
  if (cookie === 'always') return { takes: true, by: 'cookie' };
  if (cookie === 'never') return { takes: false, by: 'cookie' };
  return { takes: chance * canary.weightTotal < canary.weight, by: 'weight' };
}
