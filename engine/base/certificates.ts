/**
 * Certificates as OpenSSL looks at them: chains are built up to one that is trusted, and the moment and the name have to
 * fit. Certificates are real ones; node:crypto reads them and checks their signatures.
 * Left out: purposes and extensions that limit a use, revocation, path lengths.
 * Source: openssl-verification-options(1), X509_verify_cert_error_string(3).
 */
import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';

/** What is wrong with a chain, as OpenSSL numbers and words it. */
export interface VerifyProblem {
  readonly code: number;
  readonly text: string;
}

/** Certificates of one file or message at most; a longer one is cut. */
const maxCertificates = 32;

const blocks = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

/** The certificates of a PEM text in order; undefined when one of them can't be read. */
export function parseCertificates(pem: string): readonly X509Certificate[] | undefined {
  const found: X509Certificate[] = [];
  for (const [block] of pem.matchAll(blocks)) {
    if (found.length >= maxCertificates) break;
    const certificate = readCertificate(block);
    if (certificate === undefined) return undefined;
    found.push(certificate);
  }
  return found;
}

/** A certificate of PEM or DER; undefined when it is none. */
export function readCertificate(source: string | Uint8Array): X509Certificate | undefined {
  try {
    return new X509Certificate(source);
  } catch {
    return undefined;
  }
}

/** What is wrong with a chain at a moment, or undefined. Names are {@link matchesHost}'s business. */
export function verifyChain(
  chain: readonly X509Certificate[],
  trusted: readonly X509Certificate[],
  nowMs: number,
): VerifyProblem | undefined {
  const [leaf, ...others] = chain.slice(0, maxCertificates);
  if (leaf === undefined) return { code: 20, text: 'unable to get local issuer certificate' };
  const path = [leaf];
  for (let current = leaf; ; ) {
    const isTrusted = trusted.some(({ fingerprint256 }) => fingerprint256 === current.fingerprint256);
    if (isTrusted) break;
    const isSelfSigned = isIssuedBy(current, current);
    if (isSelfSigned) {
      return path.length === 1
        ? { code: 18, text: 'self-signed certificate' }
        : { code: 19, text: 'self-signed certificate in certificate chain' };
    }
    const issuer = [...trusted, ...others].find(
      (candidate) => !path.includes(candidate) && isIssuedBy(current, candidate),
    );
    if (issuer === undefined) return { code: 20, text: 'unable to get local issuer certificate' };
    path.push(issuer);
    current = issuer;
  }
  for (const certificate of path) {
    const { fromMs, toMs } = validity(certificate);
    if (nowMs < fromMs) return { code: 9, text: 'certificate is not yet valid' };
    if (nowMs > toMs) return { code: 10, text: 'certificate has expired' };
  }
  return undefined;
}

/** Whether a certificate is for a host or an address: by its subjectAltName, or by its common name where it has none. */
export function matchesHost(certificate: X509Certificate, host: string): boolean {
  return isIP(host) === 0
    ? certificate.checkHost(host, { partialWildcards: false }) !== undefined
    : certificate.checkIP(host) !== undefined;
}

/** From when to when a certificate is valid, in milliseconds since the Unix epoch. */
export function validity(certificate: X509Certificate): { readonly fromMs: number; readonly toMs: number } {
  return { fromMs: Date.parse(certificate.validFrom), toMs: Date.parse(certificate.validTo) };
}

function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}
