/**
 * Keys and certificates that are made: real RSA keys and real X.509, but from a seed, so that the same world gives the same
 * bytes. Source: RFC 5280, section 4; RFC 8017, section 3 and 8.2.
 */
import {
  constants,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  publicEncrypt,
  sign,
} from 'node:crypto';
import { Random, randomStateFrom } from '../../base/random.ts';
import { joinBytes } from '../../net/process/bytes.ts';

/** What a certificate says. */
export interface CertificateRequest {
  /** Pairs as in -subj, in order: `['CN', 'shop.example.com']`. */
  readonly subject: readonly (readonly [string, string])[];
  readonly dnsNames: readonly string[];
  /** IPv4 addresses. */
  readonly addresses: readonly string[];
  readonly isAuthority: boolean;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Types of names in a subject, with their object identifiers. Source: RFC 4519. */
export const nameTypes: ReadonlyMap<string, string> = new Map([
  ['CN', '2.5.4.3'],
  ['C', '2.5.4.6'],
  ['L', '2.5.4.7'],
  ['ST', '2.5.4.8'],
  ['O', '2.5.4.10'],
  ['OU', '2.5.4.11'],
]);

/** An RSA key of so many bits that follows from the seed. */
export function makeRsaKey(seed: string, bits: number): KeyObject {
  const random = new Random(randomStateFrom(seed));
  const exponent = 65_537n;
  const small = groupSmallPrimes(751);
  const mayServe = (candidate: bigint) => candidate % exponent !== 1n && !hasFactor(candidate, small);
  const p = makePrime(random, bits / 2, mayServe);
  let q = makePrime(random, bits / 2, mayServe);
  while (q === p) q = makePrime(random, bits / 2, mayServe);
  const d = inverse(exponent, (p - 1n) * (q - 1n));
  const jwk = {
    kty: 'RSA',
    n: base64Url(p * q),
    e: base64Url(exponent),
    d: base64Url(d),
    p: base64Url(p),
    q: base64Url(q),
    dp: base64Url(d % (p - 1n)),
    dq: base64Url(d % (q - 1n)),
    qi: base64Url(inverse(q, p)),
  };
  return createPrivateKey({ key: jwk, format: 'jwk' });
}

/** A certificate that is signed with its own key, or with an authority's, as PEM. */
export function makeCertificate(
  request: CertificateRequest,
  key: KeyObject,
  seed: string,
  issuer?: { readonly subject: Uint8Array; readonly key: KeyObject },
): string {
  const subject = encodeSubject(request.subject);
  const serial = new Random(randomStateFrom(`${seed} serial`)).hex(32);
  const algorithm = sequence(objectId('1.2.840.113549.1.1.11'), element(5, new Uint8Array()));
  const body = sequence(
    element(0xa0, integer(2n)),
    integer(BigInt(`0x7${serial.slice(1)}`)),
    algorithm,
    issuer?.subject ?? subject,
    sequence(time(request.fromMs), time(request.toMs)),
    subject,
    new Uint8Array(createPublicKey(key).export({ type: 'spki', format: 'der' })),
    element(0xa3, sequence(...extensionsOf(request))),
  );
  const signature = new Uint8Array(sign('sha256', body, issuer?.key ?? key));
  return pem('CERTIFICATE', sequence(body, algorithm, bitString(signature)));
}

function extensionsOf({ dnsNames, addresses, isAuthority }: CertificateRequest): readonly Uint8Array[] {
  const names = [
    ...dnsNames.map((name) => element(0x82, new TextEncoder().encode(name))),
    ...addresses.map((address) => element(0x87, Uint8Array.from(address.split('.').map(Number)))),
  ];
  const yes = element(1, Uint8Array.of(0xff));
  return [
    extension('2.5.29.19', sequence(...(isAuthority ? [yes] : [])), yes),
    ...(names.length === 0 ? [] : [extension('2.5.29.17', sequence(...names))]),
  ];
}

function extension(id: string, value: Uint8Array, ...critical: readonly Uint8Array[]): Uint8Array {
  return sequence(objectId(id), ...critical, element(4, value));
}

function encodeSubject(names: CertificateRequest['subject']): Uint8Array {
  return sequence(
    ...names.map(([type, value]) => {
      // A country is written in letters of its own kind. Source: RFC 5280, appendix A.1.
      const text = element(type === 'C' ? 0x13 : 0x0c, new TextEncoder().encode(value));
      return element(0x31, sequence(objectId(nameTypes.get(type) ?? '2.5.4.3'), text));
    }),
  );
}

/** A PEM block. */
function pem(label: string, bytes: Uint8Array): string {
  const lines = Buffer.from(bytes)
    .toString('base64')
    .match(/.{1,64}/g);
  return `-----BEGIN ${label}-----\n${(lines ?? []).join('\n')}\n-----END ${label}-----\n`;
}

function makePrime(random: Random, bits: number, mayServe: (candidate: bigint) => boolean): bigint {
  for (;;) {
    const digits = random.hex(bits / 4);
    // The two highest bits are set, so that a product has all its bits, and the lowest, so that it is odd.
    const candidate = BigInt(`0x${digits}`) | (3n << BigInt(bits - 2)) | 1n;
    if (mayServe(candidate) && isProbablePrime(candidate)) return candidate;
  }
}

/**
 * Fermat's test to the base 2: encrypting with RSA is raising to any power modulo any number, so the library does it. Its own
 * test asks a prime sixty-four times, for fear of numbers that an enemy chose; of random ones this long no composite is
 * to be expected among those that pass once. Source: Kim and Pomerance, The probability that a random probable prime is
 * composite, 1989.
 */
function isProbablePrime(candidate: bigint): boolean {
  const jwk = { kty: 'RSA', n: base64Url(candidate), e: base64Url(candidate - 1n) };
  const key = createPublicKey({ key: jwk, format: 'jwk' });
  const two = Buffer.alloc(bigBytes(candidate).length);
  two.writeUInt8(2, two.length - 1);
  const power = publicEncrypt({ key, padding: constants.RSA_NO_PADDING }, two);
  return BigInt(`0x${power.toString('hex')}`) === 1n;
}

interface PrimeGroup {
  product: bigint;
  readonly primes: number[];
}

/** The odd primes up to `last`, as many together as the product of which is a safe integer. */
function groupSmallPrimes(last: number): readonly PrimeGroup[] {
  const groups: PrimeGroup[] = [];
  for (let candidate = 3; candidate <= last; candidate += 2) {
    if (groups.some(({ primes }) => primes.some((prime) => candidate % prime === 0))) continue;
    const group = groups.at(-1);
    const product = (group?.product ?? 1n) * BigInt(candidate);
    if (group === undefined || product > BigInt(Number.MAX_SAFE_INTEGER)) {
      groups.push({ product: BigInt(candidate), primes: [candidate] });
    } else {
      group.product = product;
      group.primes.push(candidate);
    }
  }
  return groups;
}

/** One long division tells for a whole group: five of six candidates fall here, at a hundredth of the library's price. */
function hasFactor(candidate: bigint, groups: readonly PrimeGroup[]): boolean {
  return groups.some(({ product, primes }) => {
    const rest = Number(candidate % product);
    return primes.some((prime) => rest % prime === 0);
  });
}

function inverse(value: bigint, modulus: bigint): bigint {
  let [a, b, x, y] = [value % modulus, modulus, 1n, 0n];
  while (b !== 0n) {
    const quotient = a / b;
    [a, b, x, y] = [b, a - quotient * b, y, x - quotient * y];
  }
  return x < 0n ? x + modulus : x;
}

function base64Url(value: bigint): string {
  return Buffer.from(bigBytes(value)).toString('base64url');
}

function bigBytes(value: bigint): Uint8Array {
  const digits = value.toString(16);
  return new Uint8Array(Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex'));
}

function element(tag: number, content: Uint8Array): Uint8Array {
  const { length } = content;
  const size =
    length < 128 ? [length] : [0x80 | bigBytes(BigInt(length)).length, ...bigBytes(BigInt(length))];
  return joinBytes([Uint8Array.of(tag, ...size), content]);
}

function sequence(...parts: readonly Uint8Array[]): Uint8Array {
  return element(0x30, joinBytes(parts));
}

function integer(value: bigint): Uint8Array {
  const bytes = bigBytes(value);
  return element(2, (bytes[0] ?? 0) < 128 ? bytes : joinBytes([Uint8Array.of(0), bytes]));
}

function bitString(bytes: Uint8Array): Uint8Array {
  return element(3, joinBytes([Uint8Array.of(0), bytes]));
}

function objectId(id: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = id.split('.').map(Number);
  const bytes = [first * 40 + second];
  for (const part of rest) {
    const groups = [part & 0x7f];
    for (let left = part >>> 7; left > 0; left >>>= 7) groups.unshift((left & 0x7f) | 0x80);
    bytes.push(...groups);
  }
  return element(6, Uint8Array.from(bytes));
}

/** UTCTime up to 2049, GeneralizedTime from then on. Source: RFC 5280, section 4.1.2.5. */
function time(ms: number): Uint8Array {
  const digits = new Date(ms).toISOString().replace(/\D/g, '').slice(0, 14);
  const isShort = digits < '2050';
  return element(isShort ? 0x17 : 0x18, new TextEncoder().encode(`${isShort ? digits.slice(2) : digits}Z`));
}
