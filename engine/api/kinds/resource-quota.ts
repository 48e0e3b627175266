/**
 * ResourceQuotas. Source: pkg/registry/core/resourcequota/strategy.go, printResourceQuota.
 */
import type { JsonObject } from '../../base/json.ts';
import { compareQuantities, parseQuantity } from '../quantity.ts';
import { asJson, mapField, mapStruct, struct, textMap } from '../read.ts';
import type { KindDefinition } from '../scheme.ts';
import { validateResourceQuota, validateResourceQuotaUpdate } from '../validation/resource-quota.ts';
import { age, ageColumn, column, defineKind, keepStatus, nameColumn, withStatus } from './define.ts';
import { roundResources } from './pod-defaults.ts';

/** core/v1 ResourceQuota. */
export const resourceQuotaKind: KindDefinition = defineKind({
  kind: 'ResourceQuota',
  plural: 'resourcequotas',
  shortNames: ['quota'],
  schema: 'V1ResourceQuota',
  subresources: ['status'],
  hasStatus: true,
  applyDefaults: (quota) =>
    mapStruct(
      mapStruct(quota, 'spec', (spec) => mapField(spec, 'hard', roundResources)),
      'status',
      (status) => mapField(mapField(status, 'hard', roundResources), 'used', roundResources),
    ),
  prepareForCreate: (quota) => withStatus(quota, {}),
  prepareForUpdate: keepStatus,
  validateRest: validateResourceQuota,
  validateChange: validateResourceQuotaUpdate,
  warnings: (quota, old) => (old === undefined ? smallLimits(struct(quota, 'spec')) : []),
  columns: [
    nameColumn,
    column('Request', 'string', 'What is used and allowed of objects and requests.'),
    column('Limit', 'string', 'What is used and allowed of limits.'),
    ageColumn,
  ],
  row: (object, nowMs) => {
    const status = struct(asJson(object), 'status');
    const used = textMap(status, 'used');
    const cells = [...textMap(status, 'hard')].map(([name, hard]) => ({
      isLimit: name.startsWith('limits.'),
      text: `${name}: ${used.get(name) ?? '0'}/${hard}`,
    }));
    const cell = (isLimit: boolean) =>
      cells
        .filter((item) => item.isLimit === isLimit)
        .map((item) => item.text)
        .join(', ');
    return [object.metadata.name, cell(false), cell(true), age(object, nowMs)];
  },
});

/** Requests that are allowed to be more than limits. */
function smallLimits(spec: JsonObject): readonly string[] {
  const hard = textMap(spec, 'hard');
  return ['cpu', 'memory', 'storage', 'ephemeral-storage'].flatMap((resource) => {
    const names = resource === 'cpu' || resource === 'memory' ? [resource] : [];
    const requestName = [`requests.${resource}`, ...names].find((name) => hard.has(name));
    const [request, limit] = [hard.get(requestName ?? ''), hard.get(`limits.${resource}`)];
    if (request === undefined || limit === undefined) return [];
    const [requested, allowed] = [parseQuantity(request), parseQuantity(limit)];
    if (!requested.ok || !allowed.ok || compareQuantities(requested.value, allowed.value) <= 0) return [];
    return [`ResourceQuota ${requestName} (${request}) should be less than limits.${resource} (${limit})`];
  });
}
