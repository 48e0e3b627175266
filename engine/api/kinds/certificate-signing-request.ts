/**
 * CertificateSigningRequests. Source: pkg/registry/certificates/certificates/strategy.go,
 * pkg/apis/certificates/validation/validation.go, printCertificateSigningRequest.
 * Left out: what is inside the request, signature and all.
 */
import type { JsonObject } from '../../base/json.ts';
import { humanDuration } from '../duration.ts';
import { duplicate, invalid, notSupported, required } from '../field-errors.ts';
import { asJson, has, number, struct, structs, text, texts } from '../read.ts';
import type { FieldError, KindDefinition } from '../scheme.ts';
import { age, ageColumn, column, defineKind, keepStatus, nameColumn, withStatus } from './define.ts';

/** A certificate lives at least as long. */
const minSeconds = 600;

const usages = [
  'any',
  'cert sign',
  'client auth',
  'code signing',
  'content commitment',
  'crl sign',
  'data encipherment',
  'decipher only',
  'digital signature',
  'email protection',
  'encipher only',
  'ipsec end system',
  'ipsec tunnel',
  'ipsec user',
  'key agreement',
  'key encipherment',
  'microsoft sgc',
  'netscape sgc',
  'ocsp signing',
  's/mime',
  'server auth',
  'signing',
  'timestamping',
];

/** certificates.k8s.io/v1 CertificateSigningRequest. */
export const certificateSigningRequestKind: KindDefinition = defineKind({
  group: 'certificates.k8s.io',
  kind: 'CertificateSigningRequest',
  plural: 'certificatesigningrequests',
  shortNames: ['csr'],
  namespaced: false,
  schema: 'V1CertificateSigningRequest',
  subresources: ['status', 'approval'],
  hasStatus: true,
  checkName: () => [],
  prepareForCreate: (request) => withStatus(request, {}),
  prepareForUpdate: (request, old) => keepStatus({ ...request, spec: struct(asJson(old), 'spec') }, old),
  changedMeta: ['new', 'changed'],
  validateRest: validateRequest,
  columns: [
    nameColumn,
    ageColumn,
    column('SignerName', 'string', 'Who is to sign it.'),
    column('Requestor', 'string', 'Who asks for it.'),
    column('RequestedDuration', 'string', 'How long the certificate should live.'),
    column('Condition', 'string', 'Whether it is approved, denied, signed.'),
  ],
  row: (object, nowMs) => {
    const spec = struct(asJson(object), 'spec');
    const seconds = number(spec, 'expirationSeconds');
    return [
      object.metadata.name,
      age(object, nowMs),
      text(spec, 'signerName') || '<none>',
      text(spec, 'username'),
      seconds === undefined ? '<none>' : humanDuration(seconds * 1000),
      formatCondition(struct(asJson(object), 'status')),
    ];
  },
  selectableFields: (request) => ({ 'spec.signerName': text(struct(asJson(request), 'spec'), 'signerName') }),
});

function formatCondition(status: JsonObject): string {
  const types = structs(status, 'conditions').map((condition) => text(condition, 'type'));
  const decision = ['Denied', 'Approved'].find((type) => types.includes(type)) ?? 'Pending';
  const failed = types.includes('Failed') ? ',Failed' : '';
  return `${decision}${failed}${text(status, 'certificate') === '' ? '' : ',Issued'}`;
}

function validateRequest(request: JsonObject): FieldError[] {
  const spec = struct(request, 'spec');
  const encoded = text(spec, 'request');
  const errors: FieldError[] = [];
  if (!isPemRequest(encoded)) {
    errors.push(
      invalid('spec.request', encoded === '' ? null : encoded, 'PEM block type must be CERTIFICATE REQUEST'),
    );
  }
  const given = texts(spec, 'usages');
  if (given.length === 0) errors.push(required('spec.usages'));
  for (const [index, usage] of given.entries()) {
    if (!usages.includes(usage)) errors.push(notSupported(`spec.usages[${index}]`, usage, usages));
  }
  for (const [index, usage] of given.entries()) {
    if (given.indexOf(usage) < index) errors.push(duplicate(`spec.usages[${index}]`, usage));
  }
  errors.push(...validateSigner(text(spec, 'signerName')));
  const seconds = number(spec, 'expirationSeconds');
  if (has(spec, 'expirationSeconds') && seconds !== undefined && seconds < minSeconds) {
    const detail = 'may not specify a duration less than 600 seconds (10 minutes)';
    errors.push(invalid('spec.expirationSeconds', seconds, detail));
  }
  return errors;
}

function isPemRequest(encoded: string): boolean {
  return Buffer.from(encoded, 'base64').toString('latin1').includes('-----BEGIN CERTIFICATE REQUEST-----');
}

function validateSigner(signer: string): FieldError[] {
  const path = 'spec.signerName';
  if (signer === '') return [required(path)];
  if (signer === 'kubernetes.io/legacy-unknown') {
    return [invalid(path, signer, 'the legacy signerName is not allowed via this API version')];
  }
  const parts = signer.split('/');
  if (parts.length !== 2) {
    const detail = "must be a fully qualified domain and path of the form 'example.com/signer-name'";
    return [invalid(path, signer, detail)];
  }
  return [];
}
