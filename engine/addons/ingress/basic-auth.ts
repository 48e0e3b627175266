/**
 * The annotations of basic authentication: who is let in stands in a Secret as htpasswd writes it, or as a map of names.
 * Source: ingress-nginx, internal/ingress/annotations/auth/main.go; ngx_http_auth_basic_module; Apache, apr_md5_encode.
 * Left out: hashes of crypt(3), among them bcrypt; nobody comes in with them.
 */
import { createHash } from 'node:crypto';
import type { Secret } from '../../api/types/kinds.ts';
import { fieldOf, type ProxiedRequest } from '../proxied-request.ts';

/** What auth-type basic asks for. */
export interface BasicAuth {
  /** `name` or `namespace/name` of the Secret. */
  readonly secret: string;
  /** Whether each key of the Secret is a name, and not its key `auth` a file. */
  readonly isMap: boolean;
  readonly realm: string;
}

/** The answer to somebody who is not let in; undefined for who is. */
export type AuthRefusal = { readonly status: 401 | 503; readonly realm: string };

/** Judges a request by the Secret; without one nobody can be let in, and the location is closed. */
export function refuseByAuth(
  auth: BasicAuth,
  secret: Secret | undefined,
  request: ProxiedRequest,
): AuthRefusal | undefined {
  const known = secret === undefined ? undefined : readPasswords(secret, auth.isMap);
  if (known === undefined) return { status: 503, realm: auth.realm };
  const sent = /^basic +(\S+)$/i.exec(fieldOf(request.headers, 'authorization') ?? '')?.[1] ?? '';
  const [user = '', ...rest] = Buffer.from(sent, 'base64').toString('utf8').split(':');
  const kept = known.get(user);
  const isLetIn = kept !== undefined && fits(kept, rest.join(':'));
  return isLetIn ? undefined : { status: 401, realm: auth.realm };
}

/** Hashes by name; undefined when the Secret has no file. */
function readPasswords(secret: Secret, isMap: boolean): ReadonlyMap<string, string> | undefined {
  const decode = (text: string) => Buffer.from(text, 'base64').toString('utf8');
  if (isMap) {
    const entries = Object.entries(secret.data ?? {});
    return new Map(entries.map(([user, text]) => [user, decode(text).trim()]));
  }
  const file = secret.data?.auth;
  if (file === undefined) return undefined;
  const lines = decode(file).split(/\r?\n/);
  return new Map(
    lines.flatMap((line) => {
      const [user = '', hash] = line.split(':');
      return hash === undefined ? [] : [[user, hash] as const];
    }),
  );
}

function fits(kept: string, password: string): boolean {
  const [, salt] = /^\$apr1\$([^$]{1,8})\$/.exec(kept) ?? [];
  if (salt !== undefined) return apr1(password, salt) === kept;
  if (kept.startsWith('{SHA}')) return kept.slice(5) === createHash('sha1').update(password).digest('base64');
  return kept.startsWith('{PLAIN}') && kept.slice(7) === password;
}

/** The hash of htpasswd -m, as it stands in the file. */
export function apr1(password: string, salt: string): string {
  const key = Buffer.from(password);
  const seasoning = Buffer.from(salt);
  const md5 = (...parts: readonly Uint8Array[]) => createHash('md5').update(Buffer.concat(parts)).digest();
  const mixed = md5(key, seasoning, key);
  const first: Uint8Array[] = [key, Buffer.from('$apr1$'), seasoning];
  for (let left = key.length; left > 0; left -= 16) first.push(mixed.subarray(0, Math.min(16, left)));
  for (let bits = key.length; bits > 0; bits >>= 1)
    first.push(bits % 2 === 1 ? Buffer.of(0) : key.subarray(0, 1));
  let digest = md5(...first);
  for (let round = 0; round < 1000; round += 1) {
    const isOdd = round % 2 === 1;
    digest = md5(
      isOdd ? key : digest,
      round % 3 === 0 ? Buffer.of() : seasoning,
      round % 7 === 0 ? Buffer.of() : key,
      isOdd ? digest : key,
    );
  }
  const letters = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
  const at = (index: number) => digest[index] ?? 0;
  const write = (value: number, count: number) =>
    Array.from({ length: count }, (_, index) => letters.charAt((value >> (6 * index)) & 63)).join('');
  // Bytes go in threes, each from another third of the digest.
  const threes = [0, 1, 2, 3].map((index) => (at(index) << 16) | (at(index + 6) << 8) | at(index + 12));
  const text = [...threes, (at(4) << 16) | (at(10) << 8) | at(5)].map((value) => write(value, 4)).join('');
  return `$apr1$${salt}$${text}${write(at(11), 2)}`;
}
