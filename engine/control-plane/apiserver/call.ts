/**
 * Reads what a request says besides its path: who asks, dry run, field validation, field manager.
 */

import type { FieldValidation } from '../../api/decode/decode-object.ts';
import { forbidden as forbiddenField, invalid as invalidField, tooLong } from '../../api/field-errors.ts';
import type { ApiRequest } from '../../api/request.ts';
import type { FieldError } from '../../api/scheme.ts';
import { err, ok } from '../../base/result.ts';
import { storeFor } from './converted-store.ts';
import { invalid, type Outcome } from './refusals.ts';
import type { ResourceTarget } from './request-target.ts';
import { type Call, queryValue, type ServerContext } from './server-context.ts';

const administrator = {
  name: 'kubernetes-admin',
  groups: ['kubeadm:cluster-admins', 'system:authenticated'],
};

const optionsKinds = new Map([
  ['POST', 'CreateOptions'],
  ['PUT', 'UpdateOptions'],
  ['PATCH', 'PatchOptions'],
  ['DELETE', 'DeleteOptions'],
]);

/** Reads a request's parameters; a wrong value is an Invalid of the options' kind, as upstream's. */
export function parseCall(server: ServerContext, request: ApiRequest, target: ResourceTarget): Outcome<Call> {
  const optionsKind = optionsKinds.get(request.method) ?? 'GetOptions';
  const dryRun = request.query?.filter(([name]) => name === 'dryRun').map(([, value]) => value) ?? [];
  const problem = dryRunProblem(dryRun) ?? managerProblem(queryValue(request, 'fieldManager') ?? '');
  if (problem !== undefined) return err(invalid('meta.k8s.io', optionsKind, '', [problem]));
  const fieldValidation = parseFieldValidation(queryValue(request, 'fieldValidation') ?? '');
  if (fieldValidation === undefined) {
    return err(
      invalid('meta.k8s.io', optionsKind, '', [
        {
          type: 'FieldValueNotSupported',
          field: 'fieldValidation',
          message: `Unsupported value: ${JSON.stringify(queryValue(request, 'fieldValidation'))}: supported values: "", "Ignore", "Strict", "Warn"`,
        },
      ]),
    );
  }
  const isApply = (request.headers?.['content-type'] ?? '').startsWith('application/apply-patch');
  if (request.method === 'PATCH' && !isApply && queryValue(request, 'force') !== undefined) {
    return err(
      invalid('meta.k8s.io', optionsKind, '', [
        forbiddenField('force', 'may not be specified for non-apply patch'),
      ]),
    );
  }
  return ok({
    server:
      target.kind.storage === undefined ? server : { ...server, store: storeFor(target.kind, server.store) },
    request,
    target,
    kind: target.kind,
    namespace: target.namespace,
    name: target.name,
    subresource: target.subresource,
    user: request.user ?? administrator,
    fieldManager: queryValue(request, 'fieldManager') || userAgentManager(request),
    fieldValidation,
    isDryRun: dryRun.includes('All'),
    warnings: [],
  });
}

/** Source: k8s.io/apimachinery/pkg/apis/meta/v1/validation, ValidateDryRun. */
export function dryRunProblem(values: readonly string[]): FieldError | undefined {
  if (values.every((value) => value === 'All')) return undefined;
  const message = `Unsupported value: ${JSON.stringify(values)}: supported values: "All"`;
  return { type: 'FieldValueNotSupported', field: 'dryRun', message };
}

/** Source: as above, ValidateFieldManager. */
function managerProblem(manager: string): FieldError | undefined {
  if (Buffer.byteLength(manager) > maxManagerBytes) return tooLong('fieldManager', maxManagerBytes);
  const at = [...manager].findIndex((character) => /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.test(character));
  const found = [...manager][at];
  if (found === undefined) return undefined;
  const code = (found.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  return invalidField('fieldManager', manager, `invalid character U+${code} (at position ${at})`);
}

const maxManagerBytes = 128;

function parseFieldValidation(value: string): FieldValidation | undefined {
  if (value === '') return 'Warn';
  return value === 'Strict' || value === 'Warn' || value === 'Ignore' ? value : undefined;
}

/** Who manages fields when a write does not say: the user agent up to its first slash. */
function userAgentManager(request: ApiRequest): string {
  const agent = request.headers?.['user-agent'] ?? '';
  return agent.split('/', 1)[0] || 'unknown';
}
