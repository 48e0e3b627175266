/**
 * The rules of LimitRanges. Source: ValidateLimitRange in pkg/apis/core/validation/validation.go of v1.36.
 */
import type { JsonObject } from '../../base/json.ts';
import { duplicate, forbidden, invalid, required } from '../field-errors.ts';
import {
  compareQuantities,
  formatQuantity,
  parseQuantity,
  type Quantity,
  quantityMilliValue,
} from '../quantity.ts';
import { has, struct, structs, text, textMap } from '../read.ts';
import type { FieldError } from '../scheme.ts';
import { validateText } from './fields.ts';
import { checkQualifiedName } from './names.ts';
import { isOvercommitAllowed, validateContainerResourceName, validateResourceName } from './resources.ts';

const types = ['Pod', 'Container', 'PersistentVolumeClaim'];
const one: Quantity = { nano: 1_000_000_000n, format: 'DecimalSI' };

/** The problems of a LimitRange besides its metadata. */
export function validateLimitRange(range: JsonObject): FieldError[] {
  const seen = new Set<string>();
  return structs(struct(range, 'spec'), 'limits').flatMap((limit, index) => {
    const path = `spec.limits[${index}]`;
    const type = text(limit, 'type');
    const errors = validateType(type, `${path}.type`);
    if (seen.has(type)) errors.push(duplicate(`${path}.type`, type));
    seen.add(type);
    return [...errors, ...validateItem(limit, type, path)];
  });
}

function validateType(type: string, path: string): FieldError[] {
  const errors = validateText(path, type, checkQualifiedName);
  if (errors.length > 0 || type.includes('/') || types.includes(type)) return errors;
  return [invalid(path, type, 'must be a standard limit type or fully qualified')];
}

function validateItem(limit: JsonObject, type: string, path: string): FieldError[] {
  const names = (key: string) =>
    [...textMap(limit, key).keys()].flatMap((name) => validateName(`${path}.${key}[${name}]`, name, type));
  const errors = [...names('max'), ...names('min')];
  const isPod = type === 'Pod';
  for (const key of ['default', 'defaultRequest']) {
    if (!isPod) errors.push(...names(key));
    else if (textMap(limit, key).size > 0) {
      errors.push(forbidden(`${path}.${key}`, "may not be specified when `type` is 'Pod'"));
    }
  }
  const hasBound = has(struct(limit, 'min'), 'storage') || has(struct(limit, 'max'), 'storage');
  if (type === 'PersistentVolumeClaim' && !hasBound) {
    const detail = 'either minimum or maximum storage value is required, but neither was provided';
    errors.push(required(`${path}.limits`, detail));
  }
  errors.push(...names('maxLimitRequestRatio'));
  const keys = ['max', 'min', ...(isPod ? [] : ['default', 'defaultRequest']), 'maxLimitRequestRatio'];
  const resources = new Set(keys.flatMap((key) => [...textMap(limit, key).keys()]));
  return [
    ...errors,
    ...[...resources].sort().flatMap((name) => validateAmounts(limit, name, { path, isPod })),
  ];
}

function validateName(path: string, name: string, type: string): FieldError[] {
  const isOfContainers = type === 'Pod' || type === 'Container';
  return isOfContainers ? validateContainerResourceName(path, name) : validateResourceName(path, name);
}

function validateAmounts(
  limit: JsonObject,
  name: string,
  { path, isPod }: { readonly path: string; readonly isPod: boolean },
): FieldError[] {
  const amount = (key: string): Quantity | undefined => {
    const parsed = parseQuantity(textMap(limit, key).get(name) ?? '');
    return parsed.ok ? parsed.value : undefined;
  };
  const [min, max, ratio] = [amount('min'), amount('max'), amount('maxLimitRequestRatio')];
  const preset = isPod ? undefined : amount('default');
  const presetRequest = isPod ? undefined : amount('defaultRequest');
  const errors: FieldError[] = [];
  const checkOrder = (
    low: readonly [string, Quantity | undefined],
    high: readonly [string, Quantity | undefined],
    shown: readonly [string, Quantity | undefined],
  ): void => {
    if (low[1] === undefined || high[1] === undefined || shown[1] === undefined) return;
    if (compareQuantities(low[1], high[1]) <= 0) return;
    const detail = `${low[0]} value ${formatQuantity(low[1])} is greater than ${high[0]} value ${formatQuantity(high[1])}`;
    errors.push(invalid(`${path}.${shown[0]}[${name}]`, formatQuantity(shown[1]), detail));
  };
  checkOrder(['min', min], ['max', max], ['min', min]);
  const request = ['defaultRequest', presetRequest] as const;
  checkOrder(['min', min], ['default request', presetRequest], request);
  checkOrder(['default request', presetRequest], ['max', max], request);
  checkOrder(['default request', presetRequest], ['default limit', preset], request);
  // Upstream shows the bound where the default is wrong.
  checkOrder(['min', min], ['default', preset], ['default', min]);
  checkOrder(['default', preset], ['max', max], ['default', max]);
  if (ratio !== undefined)
    errors.push(...validateRatio(ratio, { min, max }, `${path}.maxLimitRequestRatio[${name}]`));
  const isFixed = !isOvercommitAllowed(name) && preset !== undefined && presetRequest !== undefined;
  if (isFixed && compareQuantities(preset, presetRequest) !== 0) {
    const shown = formatQuantity(presetRequest);
    const detail = `default value ${formatQuantity(preset)} must equal to defaultRequest value ${shown} in ${name}`;
    errors.push(invalid(`${path}.defaultRequest[${name}]`, shown, detail));
  }
  return errors;
}

function validateRatio(
  ratio: Quantity,
  { min, max }: { readonly min: Quantity | undefined; readonly max: Quantity | undefined },
  path: string,
): FieldError[] {
  const shown = formatQuantity(ratio);
  const errors: FieldError[] = [];
  if (compareQuantities(ratio, one) < 0) errors.push(invalid(path, shown, `ratio ${shown} is less than 1`));
  if (min === undefined || max === undefined) return errors;
  const limit = Number(quantityMilliValue(max)) / Number(quantityMilliValue(min));
  if (Number(quantityMilliValue(ratio)) / 1000 > limit) {
    errors.push(invalid(path, shown, `ratio ${shown} is greater than max/min = ${limit.toFixed(6)}`));
  }
  return errors;
}
