/**
 * Reads what a request says besides its path: who asks, dry run, field validation, field manager.
 */

import type { FieldValidation } from '../../api/decode/decode-object.ts';
import { forbidden as forbiddenField } from '../../api/field-errors.ts';
import type { ApiRequest } from '../../api/request.ts';
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
  const unknownDryRun = dryRun.find((value) => value !== 'All' && value !== '');
  if (unknownDryRun !== undefined) {
    return err(
      invalid('meta.k8s.io', optionsKind, '', [
        {
          type: 'FieldValueNotSupported',
          field: 'dryRun',
          message: `Unsupported value: ${JSON.stringify([unknownDryRun])}: supported values: "All"`,
        },
      ]),
    );
  }
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

function parseFieldValidation(value: string): FieldValidation | undefined {
  if (value === '') return 'Warn';
  return value === 'Strict' || value === 'Warn' || value === 'Ignore' ? value : undefined;
}

/** Who manages fields when a write does not say: the user agent up to its first slash. */
function userAgentManager(request: ApiRequest): string {
  const agent = request.headers?.['user-agent'] ?? '';
  return agent.split('/', 1)[0] || 'unknown';
}
