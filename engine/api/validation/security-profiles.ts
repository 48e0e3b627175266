/**
 * The rules of the profiles and kernel parameters that security contexts name. Source: validateSeccompProfileField,
 * ValidateAppArmorProfileField and validateSysctls in pkg/apis/core/validation/validation.go.
 */
import type { JsonObject } from '../../base/json.ts';
import { duplicate, invalid, notSupported, required, tooLong } from '../field-errors.ts';
import { internalForm } from '../internal-form/internal-form.ts';
import { flag, has, struct, structs, text } from '../read.ts';
import type { FieldError } from '../scheme.ts';
import { byteLength } from './names.ts';

const profileTypes = ['Localhost', 'RuntimeDefault', 'Unconfined'];
/** Linux' PATH_MAX without its end. */
const maxProfileBytes = 4095;
const maxSysctlLength = 253;
const sysctlSegment = '[a-z0-9]([-_a-z0-9]*[a-z0-9])?';
const sysctlPattern = `^(${sysctlSegment}[\\./])*${sysctlSegment}$`;

/** The problems of a context's `seccompProfile`. */
export function validateSeccompProfile(context: JsonObject, contextPath: string): FieldError[] {
  if (!has(context, 'seccompProfile')) return [];
  const profile = struct(context, 'seccompProfile');
  const path = `${contextPath}.seccompProfile`;
  const errors = validateType(profile, path, 'seccompProfile');
  const hasFile = has(profile, 'localhostProfile');
  const here = `${path}.localhostProfile`;
  if (text(profile, 'type') !== 'Localhost') {
    if (!hasFile) return errors;
    const shown = internalForm('SeccompProfile', profile);
    return [...errors, invalid(here, shown, 'can only be set when seccomp type is Localhost')];
  }
  if (!hasFile) return [...errors, required(here, 'must be set when seccomp type is Localhost')];
  const file = text(profile, 'localhostProfile');
  if (file.startsWith('/')) errors.push(invalid(here, file, 'must be a relative path'));
  if (file.split('/').includes('..')) errors.push(invalid(here, file, "must not contain '..'"));
  return errors;
}

/** The problems of a context's `appArmorProfile`. */
export function validateAppArmorProfile(context: JsonObject, contextPath: string): FieldError[] {
  if (!has(context, 'appArmorProfile')) return [];
  const profile = struct(context, 'appArmorProfile');
  const path = `${contextPath}.appArmorProfile`;
  const here = `${path}.localhostProfile`;
  const type = text(profile, 'type');
  const file = text(profile, 'localhostProfile');
  if (type !== 'Localhost') {
    const errors = validateType(profile, path, 'appArmorProfile');
    if (errors.length > 0 || !has(profile, 'localhostProfile')) return errors;
    return [invalid(here, file, 'can only be set when AppArmor type is Localhost')];
  }
  const errors: FieldError[] = [];
  if (file !== file.trim()) errors.push(invalid(here, file, 'must not be padded with whitespace'));
  else if (file === '') errors.push(required(here, 'must be set when AppArmor type is Localhost'));
  if (byteLength(file) > maxProfileBytes) errors.push(tooLong(here, maxProfileBytes));
  return errors;
}

function validateType(profile: JsonObject, path: string, field: string): FieldError[] {
  const type = text(profile, 'type');
  if (type === '') return [required(`${path}.type`, `type is required when ${field} is set`)];
  return profileTypes.includes(type) ? [] : [notSupported(`${path}.type`, type, profileTypes)];
}

/** The problems of a Pod's kernel parameters; `spec` says what the Pod shares with its node. */
export function validateSysctls(spec: JsonObject, contextPath: string): FieldError[] {
  const names = new Set<string>();
  return structs(struct(spec, 'securityContext'), 'sysctls').flatMap((sysctl, index) => {
    const here = `${contextPath}.sysctls[${index}].name`;
    const name = text(sysctl, 'name');
    const errors: FieldError[] = [];
    if (name === '') errors.push(required(here));
    else if (name.length > maxSysctlLength || !new RegExp(sysctlPattern).test(name)) {
      const detail = `must have at most ${maxSysctlLength} characters and match regex ${sysctlPattern}`;
      errors.push(invalid(here, name, detail));
    } else if (names.has(name)) errors.push(duplicate(here, name));
    names.add(name);
    if (flag(spec, 'hostNetwork') && /^net[./]/.test(name)) {
      errors.push(invalid(here, name, "may not be specified when 'hostNetwork' is true"));
    } else if (flag(spec, 'hostIPC') && /^(?:kernel[./](?:shm|msg|sem)|fs[./]mqueue[./])/.test(name)) {
      errors.push(invalid(here, name, "may not be specified when 'hostIPC' is true"));
    }
    return errors;
  });
}
