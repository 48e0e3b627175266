/** `kubectl describe` of a CertificateSigningRequest. */
import type { Pkcs10CertificateRequest } from '@peculiar/x509';
import { humanDuration } from '../../api/duration.ts';
import type { JsonObject } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import { failure } from '../failure.ts';
import { objectsAt, stringAt, valueAt } from '../rest/object-fields.ts';
import {
  annotationsOf,
  DescribeWriter,
  formatLabelPairs,
  formatLongTime,
  labelsOf,
} from './describe-writer.ts';
import type { Describer } from './describer.ts';
import { findEvents, writeEvents } from './events.ts';

export const describeSigningRequest: Describer = async ({ invocation, object, showEvents }) => {
  const request = await readRequest(stringAt(object, 'spec', 'request'));
  if (request === undefined) return failure('Error parsing CSR: asn1: structure error');
  const writer = new DescribeWriter();
  writer.line(0, `Name:\t${stringAt(object, 'metadata', 'name')}`);
  writer.line(0, `Labels:\t${formatLabelPairs(labelsOf(object))}`);
  writer.line(0, `Annotations:\t${formatLabelPairs(annotationsOf(object))}`);
  writer.line(0, `CreationTimestamp:\t${formatLongTime(stringAt(object, 'metadata', 'creationTimestamp'))}`);
  writer.line(0, `Requesting User:\t${stringAt(object, 'spec', 'username')}`);
  const signer = stringAt(object, 'spec', 'signerName');
  if (signer !== '') writer.line(0, `Signer:\t${signer}`);
  const seconds = valueAt(object, 'spec', 'expirationSeconds');
  if (typeof seconds === 'number') writer.line(0, `Requested Duration:\t${humanDuration(seconds * 1000)}`);
  writer.line(0, `Status:\t${statusOf(object)}`);
  writeSubject(writer, request);
  writeNames(writer, request);
  if (showEvents) writeEvents(writer, await findEvents(invocation, object), invocation.host.now());
  return ok(writer.toString());
};

/** Undefined for what is no request in the shape of PKCS #10. */
async function readRequest(encoded: string): Promise<Pkcs10CertificateRequest | undefined> {
  const { Pkcs10CertificateRequest } = await import('@peculiar/x509');
  try {
    return new Pkcs10CertificateRequest(Buffer.from(encoded, 'base64').toString('utf8'));
  } catch {
    return undefined;
  }
}

function statusOf(object: JsonObject): string {
  const types = new Set(objectsAt(object, 'status', 'conditions').map((one) => stringAt(one, 'type')));
  const decision = types.has('Denied') ? 'Denied' : types.has('Approved') ? 'Approved' : 'Pending';
  const failed = types.has('Failed') ? ',Failed' : '';
  return `${decision}${failed}${stringAt(object, 'status', 'certificate') === '' ? '' : ',Issued'}`;
}

/** Parts of a subject by their object identifiers. Source: RFC 4519. */
const subjectLists = [
  ['Organization', '2.5.4.10'],
  ['Organizational Unit', '2.5.4.11'],
  ['Country', '2.5.4.6'],
  ['Locality', '2.5.4.7'],
  ['Province', '2.5.4.8'],
  ['StreetAddress', '2.5.4.9'],
  ['PostalCode', '2.5.4.17'],
] as const;

function writeSubject(writer: DescribeWriter, { subjectName }: Pkcs10CertificateRequest): void {
  writer.line(0, 'Subject:');
  writer.line(0, `\tCommon Name:\t${subjectName.getField('2.5.4.3').at(-1) ?? ''}`);
  writer.line(0, `\tSerial Number:\t${subjectName.getField('2.5.4.5').at(-1) ?? ''}`);
  for (const [title, id] of subjectLists) writeList(writer, title, subjectName.getField(id));
}

/** Kinds of names, as the library calls them. */
const nameLists = [
  ['DNS Names', 'dns'],
  ['Email Addresses', 'email'],
  ['URIs', 'url'],
  ['IP Addresses', 'ip'],
] as const;

function writeNames(writer: DescribeWriter, request: Pkcs10CertificateRequest): void {
  const names = request.extensions.flatMap((extension) => alternativeNames(extension));
  if (!nameLists.some(([, type]) => names.some((name) => name.type === type))) return;
  writer.line(0, 'Subject Alternative Names:');
  for (const [title, type] of nameLists) {
    writeList(
      writer,
      title,
      names.filter((name) => name.type === type).map(({ value }) => value),
    );
  }
}

function alternativeNames(
  extension: Pkcs10CertificateRequest['extensions'][number],
): readonly { readonly type: string; readonly value: string }[] {
  const names: unknown = 'names' in extension ? extension.names : undefined;
  return isNameList(names) ? names.toJSON() : [];
}

function isNameList(
  value: unknown,
): value is { toJSON(): readonly { readonly type: string; readonly value: string }[] } {
  return typeof value === 'object' && value !== null && 'toJSON' in value;
}

function writeList(writer: DescribeWriter, title: string, values: readonly string[]): void {
  const [first, ...others] = values;
  if (first === undefined) return;
  writer.line(0, `\t${title}:\t${first}`);
  for (const other of others) writer.line(0, `\t\t${other}`);
}
