/**
 * The certificate of the served API: made at every start, known only to the kubeconfig that is written with it. It stands
 * for kubeadm's certificate authority and serving certificate in one.
 */

/** A certificate with its private key, both PEM. */
export interface ServingCertificate {
  readonly certificate: string;
  readonly privateKey: string;
}

/** The names and addresses that clients on this machine call it by. */
const names = ['localhost', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc'];
const address = '127.0.0.1';

/** Makes a certificate for this machine's loopback address. */
export async function createCertificate(): Promise<ServingCertificate> {
  // Loaded late: only a server needs it, and it brings a whole ASN.1 library.
  const { generate } = await import('selfsigned');
  const made = await generate([{ name: 'commonName', value: 'kubedrill' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      // Its own authority: clients are handed this certificate as the one to trust.
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', digitalSignature: true, keyCertSign: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [...names.map((value) => ({ type: 2, value }) as const), { type: 7, ip: address } as const],
      },
    ],
  });
  return { certificate: made.cert, privateKey: made.private };
}
