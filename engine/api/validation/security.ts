/**
 * The rules of security contexts, as far as they are about values: users, groups, privileges.
 * Source: ValidateSecurityContext and validatePodSpecSecurityContext in pkg/apis/core/validation/validation.go.
 */
import type { JsonObject } from '../../base/json.ts';
import { invalid } from '../field-errors.ts';
import { internalForm } from '../internal-form/internal-form.ts';
import { flag, has, number, struct, text, texts } from '../read.ts';
import type { FieldError } from '../scheme.ts';
import { validateOptionalChoice } from './fields.ts';
import { rangeError } from './names.ts';
import { validateAppArmorProfile, validateSeccompProfile, validateSysctls } from './security-profiles.ts';

/** The greatest id of a user or group. */
const maxId = 2 ** 31 - 1;

/** The problems of a container's security context. */
export function validateContainerSecurity(
  context: JsonObject,
  path: string,
  hostUsers: boolean,
): FieldError[] {
  const errors = [
    ...validateIds(context, path),
    ...validateOptionalChoice(path, context, 'procMount', ['Default', 'Unmasked']),
    ...(hostUsers && text(context, 'procMount') === 'Unmasked'
      ? [invalid(`${path}.procMount`, 'Unmasked', '`hostUsers` must be false to use `Unmasked`')]
      : []),
    ...validateSeccompProfile(context, path),
  ];
  if (has(context, 'allowPrivilegeEscalation') && !flag(context, 'allowPrivilegeEscalation')) {
    if (flag(context, 'privileged')) {
      errors.push(
        invalid(
          path,
          internalForm('SecurityContext', context),
          'cannot set `allowPrivilegeEscalation` to false and `privileged` to true',
        ),
      );
    }
    if (texts(struct(context, 'capabilities'), 'add').includes('CAP_SYS_ADMIN')) {
      const detail = 'cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN';
      errors.push(invalid(path, internalForm('SecurityContext', context), detail));
    }
  }
  return [...errors, ...validateAppArmorProfile(context, path)];
}

/** The problems of a Pod's security context. */
export function validatePodSecurity(spec: JsonObject, path: string): FieldError[] {
  const context = struct(spec, 'securityContext');
  const fsGroup = number(context, 'fsGroup');
  const errors = fsGroup === undefined ? [] : validateId(`${path}.fsGroup`, fsGroup);
  errors.push(...validateIds(context, path));
  const groups = context.supplementalGroups;
  if (Array.isArray(groups)) {
    errors.push(
      ...groups.flatMap((group, index) =>
        typeof group === 'number' ? validateId(`${path}.supplementalGroups[${index}]`, group) : [],
      ),
    );
  }
  if (flag(spec, 'shareProcessNamespace') && flag(spec, 'hostPID')) {
    const detail = 'ShareProcessNamespace and HostPID cannot both be enabled';
    errors.push(invalid(`${path}.shareProcessNamespace`, true, detail));
  }
  return [
    ...errors,
    ...validateSysctls(spec, path),
    ...validateOptionalChoice(path, context, 'fsGroupChangePolicy', ['Always', 'OnRootMismatch']),
    ...validateSeccompProfile(context, path),
    ...validateAppArmorProfile(context, path),
    ...validateOptionalChoice(path, context, 'supplementalGroupsPolicy', ['Merge', 'Strict']),
    ...validateOptionalChoice(path, context, 'seLinuxChangePolicy', ['Recursive']),
  ];
}

function validateIds(context: JsonObject, path: string): FieldError[] {
  return ['runAsUser', 'runAsGroup'].flatMap((key) => {
    const id = number(context, key);
    return id === undefined ? [] : validateId(`${path}.${key}`, id);
  });
}

function validateId(path: string, id: number): FieldError[] {
  return id >= 0 && id <= maxId ? [] : [invalid(path, id, rangeError(0, maxId))];
}
