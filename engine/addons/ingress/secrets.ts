/**
 * Which certificate is shown for a host: that of the Secret which its Ingress names, if it can be used, else the controller's
 * default. Certificates are real and read by node:crypto.
 * Source: ingress-nginx, internal/ingress/controller/controller.go (createServers, extractTLSSecretName), store/backend_ssl.go.
 * Differs: a certificate that has expired is not shown either (the real controller shows it and only logs), so that the event
 * says what is wrong.
 */
import { createPrivateKey, type X509Certificate } from 'node:crypto';
import { keyOf } from '../../api/objects/keys.ts';
import type { Ingress, Secret } from '../../api/types/kinds.ts';
import { matchesHost, parseCertificates, validity } from '../../base/certificates.ts';
import { err, ok, type Result } from '../../base/result.ts';

/** A Secret's certificates, the server's own first. */
export interface SecretCertificate {
  readonly pem: string;
  readonly leaf: X509Certificate;
}

/** The name of the Secret that an Ingress names for a host; empty when it lists the host without one. */
export function secretNameFor(
  ingress: Ingress,
  host: string,
  certificateOf: (secret: string) => Result<SecretCertificate, string>,
): string | undefined {
  const entries = ingress.spec?.tls ?? [];
  const listed = entries.find(({ hosts }) => hosts?.includes(host) === true);
  if (listed !== undefined) return listed.secretName ?? '';
  // An entry without hosts stands for those that its certificate is made for.
  return entries.find(({ secretName, hosts }) => {
    if (secretName === undefined || (hosts ?? []).length > 0) return false;
    const certificate = certificateOf(secretName);
    return certificate.ok && matchesHost(certificate.value.leaf, host);
  })?.secretName;
}

/** Reads a Secret; the failure says why it can't be used. */
export function readSecret(secret: Secret | undefined, key: string): Result<SecretCertificate, string> {
  if (secret === undefined) return err(`secret "${key}" was not found`);
  const name = keyOf(secret);
  const text = (field: string) => Buffer.from(secret.data?.[field] ?? '', 'base64').toString('utf8');
  const [pem, privateKey] = [text('tls.crt'), text('tls.key')];
  if (pem === '') return err(`key 'tls.crt' missing from Secret "${name}"`);
  if (privateKey === '') return err(`key 'tls.key' missing from Secret "${name}"`);
  const certificates = parseCertificates(pem);
  const leaf = certificates?.[0];
  if (leaf === undefined)
    return err(`unexpected error creating SSL Cert "${name}": no valid PEM formatted block found`);
  if (!isKeyOf(leaf, privateKey))
    return err(`unexpected error creating SSL Cert "${name}": tls: private key does not match public key`);
  return ok({ pem, leaf });
}

/** Why a certificate is not shown for a host at a moment, or undefined. */
export function problemFor(
  { leaf }: SecretCertificate,
  key: string,
  host: string,
  nowMs: number,
): string | undefined {
  if (!matchesHost(leaf, host)) {
    return `SSL certificate "${key}" does not contain a Common Name or Subject Alternative Name for server "${host}"`;
  }
  const { fromMs, toMs } = validity(leaf);
  if (nowMs > toMs) return `SSL certificate "${key}" for server "${host}" expired (${goTime(toMs)})`;
  return nowMs < fromMs
    ? `SSL certificate "${key}" for server "${host}" is not valid before ${goTime(fromMs)}`
    : undefined;
}

function isKeyOf(certificate: X509Certificate, privateKey: string): boolean {
  try {
    return certificate.checkPrivateKey(createPrivateKey(privateKey));
  } catch {
    return false;
  }
}

/** As Go prints a moment: `2026-05-01 09:00:00 +0000 UTC`. */
function goTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} +0000 UTC`;
}
