/** Names that tell what is in an object, of `--append-hash` and of kustomize's generators. */
import { createHash } from 'node:crypto';
import { formatCompactJson } from '../../base/go-json.ts';
import type { JsonObject } from '../../base/json.ts';

/**
 * The name with the hash of what it names behind it.
 *
 * @param hashed kind, name, data and type. Source: k8s.io/kubectl/pkg/util/hash: digits and vowels that could spell a
 * word are replaced.
 */
export function withHash(name: string, hashed: JsonObject): string {
  const digest = createHash('sha256').update(formatCompactJson(hashed)).digest('hex');
  const letters: ReadonlyMap<string, string> = new Map([
    ['0', 'g'],
    ['1', 'h'],
    ['3', 'k'],
    ['a', 'm'],
    ['e', 't'],
  ]);
  return `${name}-${[...digest.slice(0, 10)].map((char) => letters.get(char) ?? char).join('')}`;
}
