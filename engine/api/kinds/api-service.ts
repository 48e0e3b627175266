/**
 * APIServices: which server serves a version of a group. Source: kube-aggregator's pkg/registry/apiservice and
 * pkg/apis/apiregistration/validation.
 */
import type { JsonObject } from '../../base/json.ts';
import { invalid, required } from '../field-errors.ts';
import { asJson, flag, has, mapStruct, number, struct, structs, text, withDefaults } from '../read.ts';
import type { FieldError, KindDefinition } from '../scheme.ts';
import { validateText } from '../validation/fields.ts';
import {
  checkDns1035Label,
  checkDns1123Subdomain,
  checkPathSegmentName,
  checkPortNumber,
} from '../validation/names.ts';
import { age, ageColumn, column, defineKind, keepStatus, nameColumn, withStatus } from './define.ts';

/** apiregistration.k8s.io/v1 APIService. */
export const apiServiceKind: KindDefinition = defineKind({
  group: 'apiregistration.k8s.io',
  kind: 'APIService',
  plural: 'apiservices',
  categories: ['api-extensions'],
  namespaced: false,
  schema: 'V1APIService',
  subresources: ['status'],
  hasStatus: true,
  applyDefaults: (service) =>
    mapStruct(service, 'spec', (spec) =>
      mapStruct(spec, 'service', (reference) => withDefaults(reference, { port: 443 })),
    ),
  prepareForCreate: (service) => withStatus(service, {}),
  prepareForUpdate: keepStatus,
  checkName: checkPathSegmentName,
  changedMeta: ['changed', 'new'],
  validateRest: validateApiService,
  columns: [
    nameColumn,
    column('Service', 'string', 'The Service behind which the server is.'),
    column('Available', 'string', 'Whether the server answers.'),
    ageColumn,
  ],
  row: (object, nowMs) => {
    const service = asJson(object);
    const spec = struct(service, 'spec');
    const reference = struct(spec, 'service');
    return [
      object.metadata.name,
      has(spec, 'service') ? `${text(reference, 'namespace')}/${text(reference, 'name')}` : 'Local',
      formatAvailable(struct(service, 'status')),
      age(object, nowMs),
    ];
  },
});

function formatAvailable(status: JsonObject): string {
  const condition = structs(status, 'conditions').find((item) => text(item, 'type') === 'Available');
  if (condition === undefined) return 'Unknown';
  const word = text(condition, 'status');
  const reason = text(condition, 'reason');
  return word === 'True' || reason === '' ? word : `${word} (${reason})`;
}

function validateApiService(service: JsonObject): FieldError[] {
  const spec = struct(service, 'spec');
  const name = text(struct(service, 'metadata'), 'name');
  const [group, version] = [text(spec, 'group'), text(spec, 'version')];
  const errors: FieldError[] = [];
  const wanted = `${version}.${group}`;
  if (name !== wanted) {
    errors.push(
      invalid('metadata.name', name, `must be \`spec.version+"."+spec.group\`: ${JSON.stringify(wanted)}`),
    );
  }
  if (group === '' && version !== 'v1') {
    errors.push(required('spec.group', 'only v1 may have an empty group and it better be legacy kube'));
  }
  if (group !== '') errors.push(...validateText('spec.group', group, checkDns1123Subdomain));
  errors.push(...validateText('spec.version', version, checkDns1035Label));
  const limits = [
    ['groupPriorityMinimum', 20_000],
    ['versionPriority', 1000],
  ] as const;
  for (const [key, limit] of limits) {
    const value = number(spec, key) ?? 0;
    if (value <= 0 || value > limit) {
      errors.push(invalid(`spec.${key}`, value, `must be positive and less than ${limit}`));
    }
  }
  return [...errors, ...validateServer(spec)];
}

function validateServer(spec: JsonObject): FieldError[] {
  const isInsecure = flag(spec, 'insecureSkipTLSVerify');
  const bundle = text(spec, 'caBundle');
  if (!has(spec, 'service')) {
    const bytes = `${Buffer.from(bundle, 'base64').length} bytes`;
    return [
      ...(bundle === ''
        ? []
        : [invalid('spec.caBundle', bytes, 'local APIServices may not have a caBundle')]),
      ...(isInsecure
        ? [
            invalid(
              'spec.insecureSkipTLSVerify',
              true,
              'local APIServices may not have insecureSkipTLSVerify',
            ),
          ]
        : []),
    ];
  }
  const service = struct(spec, 'service');
  const port = number(service, 'port') ?? 0;
  const problems = checkPortNumber(port);
  return [
    ...['namespace', 'name'].flatMap((key) =>
      text(service, key) === '' ? [required(`spec.service.${key}`)] : [],
    ),
    ...(problems.length === 0
      ? []
      : [invalid('spec.service.port', port, `port is not valid: ${problems.join(', ')}`)]),
    ...(isInsecure && bundle !== ''
      ? [invalid('spec.insecureSkipTLSVerify', true, 'may not be true if caBundle is present')]
      : []),
  ];
}
