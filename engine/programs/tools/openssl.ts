/**
 * openssl, as far as certificates for a server go: `genrsa` makes a key, `req -x509` a certificate that is signed with it (and
 * the key, too, if none is given), `x509` shows one, `version`. Left out: requests for an authority, other keys than RSA, configuration files, everything else.
 * Source: openssl-req(1), openssl-x509(1), measured with OpenSSL 3.0.
 */
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { parseCertificates, validity } from '../../base/certificates.ts';
import { err, ok, type Result } from '../../base/result.ts';
import * as sys from '../../net/process/sys.ts';
import type { Program } from '../../net/process/syscalls.ts';
import { type OptionTable, type ParsedArguments, parseArguments } from '../arguments.ts';
import { type CertificateRequest, makeCertificate, makeRsaKey, nameTypes } from '../tls/make-certificate.ts';

const dayMs = 86_400_000;

/** openssl. */
export const openssl: Program = function* ({ argv }) {
  const [command, ...args] = argv.slice(1);
  switch (command) {
    case 'genrsa':
      return yield* generate(args);
    case 'req':
      return yield* request(args);
    case 'x509':
      return yield* show(args);
    case 'version':
      yield* sys.print('OpenSSL 3.0.19 27 Jan 2026 (Library: OpenSSL 3.0.19 27 Jan 2026)\n');
      return 0;
    default:
      yield* sys.printError(
        `Invalid command '${command ?? ''}'; this openssl knows: genrsa, req -x509, x509, version.\n`,
      );
      return 1;
  }
};

const generateOptions: OptionTable = {
  flags: { traditional: 'traditional', verbose: 'verbose', quiet: 'quiet' },
  values: { out: 'out' },
  singleDashLong: true,
};

function* generate(argv: readonly string[]): sys.Sys<number> {
  const args = parseArguments(argv, generateOptions);
  if (!args.ok)
    return yield* refuse(`genrsa: Unknown option or cipher: ${args.error.option.replace(/^-+/, '')}`);
  const bits = Number(args.value.operands[0] ?? 2048);
  if (!isKeySize(bits)) return yield* refuse('genrsa: this openssl makes RSA keys of 1024 to 4096 bits');
  const key = makeRsaKey(String(yield* sys.random()), bits);
  return yield* save(args.value.value('out'), exportKey(key));
}

function isKeySize(bits: number): boolean {
  return bits >= 1024 && bits <= 4096 && bits % 8 === 0;
}

const requestOptions: OptionTable = {
  flags: { x509: 'x509', nodes: 'nodes', noenc: 'nodes', new: 'new', sha256: 'sha256', batch: 'batch' },
  values: {
    newkey: 'newkey',
    key: 'key',
    keyout: 'keyout',
    out: 'out',
    days: 'days',
    subj: 'subj',
    addext: 'addext',
  },
  singleDashLong: true,
};

function* request(argv: readonly string[]): sys.Sys<number> {
  const args = parseArguments(argv, requestOptions);
  if (!args.ok)
    return yield* refuse(`req: Unknown option or cipher: ${args.error.option.replace(/^-+/, '')}`);
  const given = args.value;
  if (!given.flags.has('x509'))
    return yield* refuse('req: this openssl makes self-signed certificates only: add -x509');
  const subject = parseSubject(given.value('subj') ?? '');
  if (!subject.ok) return yield* refuse(subject.error);
  const names = parseNames(given.values.get('addext') ?? []);
  if (!names.ok) return yield* refuse(names.error);
  const seed = String(yield* sys.random());
  const key = yield* keyFor(given, seed);
  if (!key.ok) return yield* refuse(key.error);
  const fromMs = Math.floor((yield* sys.now()) / 1000) * 1000;
  const days = Number(given.value('days') ?? 30);
  if (!Number.isInteger(days) || Math.abs(days) > 36_500)
    return yield* refuse(`req: Can't parse "${given.value('days') ?? ''}" as a number`);
  const wanted: CertificateRequest = {
    subject: subject.value,
    ...names.value,
    isAuthority: true,
    fromMs,
    toMs: fromMs + days * dayMs,
  };
  return yield* save(given.value('out'), makeCertificate(wanted, key.value, seed));
}

/** The key of -key, or a new one that is written to -keyout. */
function* keyFor(args: ParsedArguments, seed: string): sys.Sys<Result<KeyObject, string>> {
  const file = args.value('key');
  if (file !== undefined) {
    const text = yield* sys.readFile(file);
    const key = text.ok ? readKey(sys.toText(text.value)) : undefined;
    return key === undefined ? err(`Could not read private key from ${file}`) : ok(key);
  }
  const kind = args.value('newkey') ?? 'rsa:2048';
  const bits = Number(/^rsa(?::(\d+))?$/.exec(kind)?.[1] ?? (kind === 'rsa' ? 2048 : 0));
  if (!isKeySize(bits)) return err(`req: this openssl makes RSA keys of 1024 to 4096 bits: -newkey rsa:2048`);
  if (!args.flags.has('nodes'))
    return err('req: there is no terminal to ask for a pass phrase: add -nodes to leave the key without one');
  const key = makeRsaKey(seed, bits);
  const saved = yield* save(args.value('keyout') ?? 'privkey.pem', exportKey(key));
  return saved === 0 ? ok(key) : err('req: the key could not be written');
}

function exportKey(key: KeyObject): string {
  return String(key.export({ type: 'pkcs8', format: 'pem' }));
}

function readKey(text: string): KeyObject | undefined {
  try {
    return createPrivateKey(text);
  } catch {
    return undefined;
  }
}

/** `/CN=shop.example.com/O=Shop`. */
function parseSubject(text: string): Result<CertificateRequest['subject'], string> {
  if (!text.startsWith('/'))
    return err(
      `req: subject name is expected to be in the format /type0=value0/type1=value1/type2=... where characters may be escaped by \\. This name is not in that format: '${text}'`,
    );
  const names: (readonly [string, string])[] = [];
  for (const part of text.slice(1).split('/')) {
    const equals = part.indexOf('=');
    const type = part.slice(0, Math.max(0, equals));
    if (!nameTypes.has(type)) return err(`req: Unknown name attribute "${type}" in the subject`);
    names.push([type, part.slice(equals + 1)]);
  }
  return ok(names);
}

function parseNames(
  extensions: readonly string[],
): Result<Pick<CertificateRequest, 'dnsNames' | 'addresses'>, string> {
  const [dnsNames, addresses]: [string[], string[]] = [[], []];
  for (const extension of extensions) {
    const [name = '', list = ''] = extension.split('=');
    if (name.trim() !== 'subjectAltName') continue;
    for (const entry of list.split(',').map((text) => text.trim())) {
      if (entry.startsWith('DNS:')) dnsNames.push(entry.slice(4));
      else if (/^IP:\d+\.\d+\.\d+\.\d+$/.test(entry)) addresses.push(entry.slice(3));
      else return err(`Error adding extension: subjectAltName=${list}`);
    }
  }
  return ok({ dnsNames, addresses });
}

const showOptions: OptionTable = {
  flags: {
    noout: 'noout',
    subject: 'subject',
    issuer: 'issuer',
    dates: 'dates',
    enddate: 'enddate',
    startdate: 'startdate',
    serial: 'serial',
    fingerprint: 'fingerprint',
    text: 'text',
  },
  values: { in: 'in', ext: 'ext', checkhost: 'checkhost' },
  singleDashLong: true,
};

function* show(argv: readonly string[]): sys.Sys<number> {
  const parsed = parseArguments(argv, showOptions);
  if (!parsed.ok) return yield* refuse(`x509: Unknown option: ${parsed.error.option}`);
  const args = parsed.value;
  const file = args.value('in');
  const bytes = file === undefined ? ok(yield* sys.readAllStdin()) : yield* sys.readFile(file);
  const text = bytes.ok ? sys.toText(bytes.value) : '';
  const [certificate] = parseCertificates(text) ?? [];
  if (certificate === undefined) return yield* refuse(`Could not read certificate from ${file ?? '<stdin>'}`);
  const oneLine = (name: string) => name.split('\n').join(', ').replaceAll('=', ' = ');
  const { fromMs, toMs } = validity(certificate);
  const flags = args.flags;
  const all = flags.has('text');
  if (all || flags.has('subject')) yield* sys.print(`subject=${oneLine(certificate.subject)}\n`);
  if (all || flags.has('issuer')) yield* sys.print(`issuer=${oneLine(certificate.issuer)}\n`);
  if (flags.has('serial')) yield* sys.print(`serial=${certificate.serialNumber}\n`);
  if (all || flags.has('dates') || flags.has('startdate'))
    yield* sys.print(`notBefore=${opensslTime(fromMs)}\n`);
  if (all || flags.has('dates') || flags.has('enddate')) yield* sys.print(`notAfter=${opensslTime(toMs)}\n`);
  if (flags.has('fingerprint')) yield* sys.print(`SHA1 Fingerprint=${certificate.fingerprint}\n`);
  if (all || args.value('ext') === 'subjectAltName')
    yield* sys.print(`X509v3 Subject Alternative Name: \n    ${certificate.subjectAltName ?? ''}\n`);
  const host = args.value('checkhost');
  if (host !== undefined) {
    const fits = certificate.checkHost(host) !== undefined;
    yield* sys.print(`Hostname ${host} does ${fits ? '' : 'NOT '}match certificate\n`);
  }
  if (!flags.has('noout')) yield* sys.print(certificate.toString());
  return 0;
}

/** `May  1 09:00:00 2026 GMT` */
function opensslTime(ms: number): string {
  const [, day = '', month = '', year = '', clock = ''] =
    /^\w+, (\d+) (\w+) (\d+) ([\d:]+)/.exec(new Date(ms).toUTCString()) ?? [];
  return `${month} ${String(Number(day)).padStart(2)} ${clock} ${year} GMT`;
}

function* save(file: string | undefined, text: string): sys.Sys<number> {
  if (file === undefined) {
    yield* sys.print(text);
    return 0;
  }
  const written = yield* sys.writeFile(file, sys.toBytes(text));
  return written.ok ? 0 : yield* refuse(`Can't open "${file}" for writing`);
}

function* refuse(message: string): sys.Sys<number> {
  yield* sys.printError(`${message}\n`);
  return 1;
}
