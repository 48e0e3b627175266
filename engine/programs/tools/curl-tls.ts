/**
 * curl's handshake for https, with OpenSSL's words. Nobody is trusted but the certificates of --cacert: the world here
 * has no public authorities. Source: curl 8.16, lib/vtls/openssl.c, src/tool_operate.c; libcurl-errors(3).
 */
import type { X509Certificate } from 'node:crypto';
import {
  matchesHost,
  parseCertificates,
  readCertificate,
  type VerifyProblem,
  verifyChain,
} from '../../base/certificates.ts';
import { err, ok, type Result } from '../../base/result.ts';
import * as sys from '../../net/process/sys.ts';
import type { ParsedArguments } from '../arguments.ts';
import { errnoText } from '../errno-text.ts';
import type { ByteStream } from '../http/stream.ts';
import { alerts } from '../tls/records.ts';
import { connectTls, type TlsFailure } from '../tls/session.ts';
import type { CurlFailure } from './curl-failure.ts';
import type { ParsedUrl } from './url.ts';

/** What follows a refused certificate on standard error. */
export const untrustedHelp = [
  'More details here: https://curl.se/docs/sslcerts.html',
  '',
  'curl failed to verify the legitimacy of the server and therefore could not',
  'establish a secure connection to it. To learn more about this situation and',
  'how to fix it, please visit the webpage mentioned above.',
  '',
].join('\n');

/** A session, with what OpenSSL made of the chain: 0 when nothing was wrong. */
export interface CurlSession {
  readonly stream: ByteStream;
  readonly verifyResult: number;
}

/** Shakes hands over a connection. `note` prints a line of -v. */
export function* openCurlTls(
  socket: number,
  url: ParsedUrl,
  args: ParsedArguments,
  deadlineMs: number | undefined,
  note: (text: string) => sys.Sys<void>,
): sys.Sys<Result<CurlSession, CurlFailure>> {
  const trusted = yield* readTrusted(args);
  if (!trusted.ok) return trusted;
  const isInsecure = args.flags.has('insecure');
  const nowMs = yield* sys.now();
  let verifyResult = 0;
  yield* note('* ALPN: curl offers http/1.1\n* TLSv1.3 (OUT), TLS handshake, Client hello (1):\n');
  const isAddress = /^[\d.]+$|^\[/.test(url.host);
  const hello = { ...(isAddress ? {} : { serverName: url.host }), alpn: ['http/1.1'] };
  const session = yield* connectTls<CurlFailure>(
    socket,
    hello,
    function* (shown) {
      const chain = shown.flatMap((bytes) => readCertificate(bytes) ?? []);
      const problem = verifyChain(chain, trusted.value, nowMs);
      verifyResult = problem?.code ?? 0;
      yield* note(handshakeLines);
      if (problem !== undefined && !isInsecure) {
        const message = `SSL certificate problem: ${problem.text}`;
        const failure = { code: 60, message, verifyResult };
        return err({ alert: alertFor(problem), failure });
      }
      yield* note(describeServer(chain[0]));
      const named = isInsecure ? undefined : nameProblem(chain[0], url.host);
      if (named !== undefined)
        return err({ alert: alerts.badCertificate, failure: { code: 60, message: named } });
      yield* note(
        problem === undefined
          ? '*  SSL certificate verify ok.\n'
          : `*  SSL certificate verify result: ${problem.text} (${problem.code}), continuing anyway.\n`,
      );
      return ok(undefined);
    },
    deadlineMs,
  );
  if (session.ok) return ok({ stream: session.value.stream, verifyResult });
  const failure = session.error.kind === 'judged' ? session.error.failure : explain(session.error, url);
  yield* note(`* ${failure.message}\n* closing connection #0\n`);
  return err(failure);
}

const handshakeLines = [
  'IN), TLS handshake, Server hello (2)',
  'IN), TLS handshake, Encrypted extensions (8)',
  'IN), TLS handshake, Certificate (11)',
  'IN), TLS handshake, Finished (20)',
  'OUT), TLS handshake, Finished (20)',
]
  .map((line) => `* TLSv1.3 (${line}:\n`)
  .join('');

function* readTrusted(args: ParsedArguments): sys.Sys<Result<readonly X509Certificate[], CurlFailure>> {
  const file = args.value('cacert');
  if (file === undefined) return ok([]);
  const text = yield* sys.readFile(file);
  const certificates = text.ok ? parseCertificates(sys.toText(text.value)) : undefined;
  if (certificates !== undefined && certificates.length > 0) return ok(certificates);
  return err({ code: 77, message: `error setting certificate file: ${file}` });
}

function alertFor({ code }: VerifyProblem): number {
  return code === 10 ? alerts.certificateExpired : alerts.unknownCa;
}

function nameProblem(certificate: X509Certificate | undefined, host: string): string | undefined {
  if (certificate === undefined) return 'SSL: could not get peer certificate';
  if (matchesHost(certificate, host)) return undefined;
  if (certificate.subjectAltName !== undefined) {
    const what = /^[\d.]+$/.test(host) ? 'ipv4 address' : 'host name';
    return `SSL: no alternative certificate subject name matches target ${what} '${host}'`;
  }
  const name = /(?:^|\n)CN=([^\n]*)/.exec(certificate.subject)?.[1];
  return name === undefined
    ? 'SSL: unable to obtain common name from peer certificate'
    : `SSL: certificate subject name '${name}' does not match target hostname '${host}'`;
}

function describeServer(certificate: X509Certificate | undefined): string {
  if (certificate === undefined) return '';
  const oneLine = (name: string) => name.split('\n').join('; ');
  return [
    '* SSL connection using TLSv1.3 / TLS_AES_128_GCM_SHA256',
    '* ALPN: server accepted http/1.1',
    '* Server certificate:',
    `*  subject: ${oneLine(certificate.subject)}`,
    `*  start date: ${certificate.validFrom}`,
    `*  expire date: ${certificate.validTo}`,
    ...(certificate.subjectAltName === undefined ? [] : [`*  subjectAltName: ${certificate.subjectAltName}`]),
    `*  issuer: ${oneLine(certificate.issuer)}`,
    '',
  ].join('\n');
}

function explain(failure: TlsFailure, url: ParsedUrl): CurlFailure {
  switch (failure.kind) {
    case 'alert': {
      const text = alertTexts.get(failure.description) ?? 'alert internal error';
      const number = (1000 + failure.description).toString(16).toUpperCase().padStart(6, '0');
      return { code: 35, message: `TLS connect error: error:0A${number}:SSL routines::${text}` };
    }
    case 'not-tls':
      return {
        code: 35,
        message: 'TLS connect error: error:0A0000C6:SSL routines::packet length too long',
      };
    case 'closed':
      return {
        code: 35,
        message: `TLS connect error: error:00000000:lib(0)::reason(0), connection to ${url.host}:${url.port} was closed`,
      };
    default:
      return failure.errno === 'ETIMEDOUT'
        ? { code: 28, message: 'SSL connection timeout' }
        : { code: 35, message: `Recv failure: ${errnoText(failure.errno)}` };
  }
}

/** OpenSSL's words for alerts that it receives. Source: ssl/ssl_err.c. */
const alertTexts: ReadonlyMap<number, string> = new Map([
  [alerts.handshakeFailure, 'ssl/tls alert handshake failure'],
  [alerts.unrecognizedName, 'tlsv1 unrecognized name'],
  [alerts.internalError, 'tlsv1 alert internal error'],
]);
