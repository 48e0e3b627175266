/**
 * The rules of probes and lifecycle hooks. Source: validateProbe and validateHandler in pkg/apis/core/validation/validation.go.
 */
import type { JsonObject } from '../../base/json.ts';
import { forbidden, invalid, notSupported, required } from '../field-errors.ts';
import { has, number, struct, structs, text, texts } from '../read.ts';
import type { FieldError } from '../scheme.ts';
import { validateNonnegative, validatePortNumberOrName } from './fields.ts';
import { checkHttpHeaderName } from './names.ts';

/** The problems of a probe. */
export function validateProbe(
  probe: JsonObject,
  path: string,
  kind: 'livenessProbe' | 'readinessProbe' | 'startupProbe',
): FieldError[] {
  const errors = validateHandler(probe, path, undefined);
  for (const key of [
    'initialDelaySeconds',
    'timeoutSeconds',
    'periodSeconds',
    'successThreshold',
    'failureThreshold',
  ]) {
    errors.push(...validateNonnegative(path, probe, key));
  }
  const grace = number(probe, 'terminationGracePeriodSeconds');
  const gracePath = `${path}.terminationGracePeriodSeconds`;
  if (grace !== undefined && grace <= 0) errors.push(invalid(gracePath, grace, 'must be greater than 0'));
  if (kind === 'readinessProbe') {
    if (grace !== undefined) errors.push(invalid(gracePath, grace, 'must not be set for readinessProbes'));
    return errors;
  }
  const successes = number(probe, 'successThreshold') ?? 0;
  if (successes !== 1) errors.push(invalid(`${path}.successThreshold`, successes, 'must be 1'));
  return errors;
}

/** The problems of the hooks of a container. */
export function validateLifecycle(
  lifecycle: JsonObject,
  path: string,
  graceSeconds: number | undefined,
): FieldError[] {
  return ['postStart', 'preStop'].flatMap((key) =>
    has(lifecycle, key) ? validateHandler(struct(lifecycle, key), `${path}.${key}`, graceSeconds) : [],
  );
}

function validateHandler(handler: JsonObject, path: string, graceSeconds: number | undefined): FieldError[] {
  const kinds = ['exec', 'httpGet', 'tcpSocket', 'grpc', 'sleep'].filter((kind) => has(handler, kind));
  const first = kinds[0];
  if (first === undefined) return [required(path, 'must specify a handler type')];
  return [
    ...validateAction(struct(handler, first), `${path}.${first}`, first, graceSeconds),
    ...kinds.slice(1).map((kind) => forbidden(`${path}.${kind}`, 'may not specify more than 1 handler type')),
  ];
}

function validateAction(
  action: JsonObject,
  path: string,
  kind: string,
  graceSeconds: number | undefined,
): FieldError[] {
  switch (kind) {
    case 'exec':
      return texts(action, 'command').length === 0 ? [required(`${path}.command`)] : [];
    case 'httpGet':
      return validateHttpGet(action, path);
    case 'sleep': {
      const seconds = number(action, 'seconds') ?? 0;
      if (graceSeconds === undefined || (seconds >= 0 && seconds <= graceSeconds)) return [];
      const detail = `must be non-negative and less than terminationGracePeriodSeconds (${graceSeconds})`;
      return [invalid(path, seconds, detail)];
    }
    default:
      return validatePortNumberOrName(`${path}.port`, action.port);
  }
}

function validateHttpGet(action: JsonObject, path: string): FieldError[] {
  const errors = text(action, 'path') === '' ? [required(`${path}.path`)] : [];
  errors.push(...validatePortNumberOrName(`${path}.port`, action.port));
  const scheme = text(action, 'scheme');
  if (scheme !== 'HTTP' && scheme !== 'HTTPS')
    errors.push(notSupported(`${path}.scheme`, scheme, ['HTTP', 'HTTPS']));
  for (const header of structs(action, 'httpHeaders')) {
    const name = text(header, 'name');
    errors.push(...checkHttpHeaderName(name).map((problem) => invalid(`${path}.httpHeaders`, name, problem)));
  }
  return errors;
}
