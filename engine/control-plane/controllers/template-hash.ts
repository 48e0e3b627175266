/**
 * The hashes that tell templates apart in names and labels. Differs: the hash of Deployments and DaemonSets is made from the
 * template's JSON, since the original hashes Go's print of it.
 */
import type { PodTemplateSpec } from '../../api/types/kinds.ts';
import { compareKeys } from '../../base/sorted-map.ts';

/** Ten or so letters and digits for a template. Source: pkg/controller, ComputeHash; apimachinery, SafeEncodeString. */
export function templateHash(template: PodTemplateSpec, collisions: number): string {
  let hash = offsetBasis;
  for (const byte of bytesOf(canonicalJson(template) + (collisions > 0 ? collisions : ''))) {
    hash = Math.imul(hash ^ byte, prime);
  }
  return safeEncode(hash);
}

/** The hash of a ControllerRevision's data. Source: pkg/controller/history, HashControllerRevision, which takes FNV-1. */
export function revisionHash(data: unknown, collisions: number): string {
  let hash = offsetBasis;
  for (const byte of bytesOf(canonicalJson(data) + collisions)) hash = Math.imul(hash, prime) ^ byte;
  return safeEncode(hash);
}

const offsetBasis = 0x811c9dc5;
const prime = 0x01000193;
const letters = 'bcdfghjklmnpqrstvwxz2456789';

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Source: apimachinery/pkg/util/rand, SafeEncodeString: letters from which no bad words are made. */
function safeEncode(hash: number): string {
  return [...String(hash >>> 0)]
    .map((digit) => letters.charAt(digit.charCodeAt(0) % letters.length))
    .join('');
}

/** JSON as Go writes a map: keys in order, and what HTML reserves escaped. */
function canonicalJson(value: unknown): string {
  const text = JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => compareKeys(a, b)))
      : inner,
  );
  return text.replace(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
