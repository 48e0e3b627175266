/**
 * LimitRanges. Source: pkg/registry/core/limitrange/strategy.go, SetDefaults_LimitRangeItem, printLimitRange.
 *
 * Differs: a LimitRange without any name is refused; upstream makes it a UID for a name.
 */
import type { JsonObject } from '../../base/json.ts';
import { mapField, mapStruct, mapStructs, struct, text } from '../read.ts';
import type { KindDefinition } from '../scheme.ts';
import { validateLimitRange } from '../validation/limit-range.ts';
import { column, defineKind, nameColumn } from './define.ts';
import { roundResources } from './pod-defaults.ts';

const amountKeys = ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'];

/** core/v1 LimitRange. */
export const limitRangeKind: KindDefinition = defineKind({
  kind: 'LimitRange',
  plural: 'limitranges',
  shortNames: ['limits'],
  schema: 'V1LimitRange',
  applyDefaults: (range) => mapStruct(range, 'spec', (spec) => mapStructs(spec, 'limits', defaultItem)),
  changedMeta: ['new'],
  validateRest: validateLimitRange,
  columns: [nameColumn, column('Created At', 'date', 'When it was created.')],
  row: (range) => [range.metadata.name, range.metadata.creationTimestamp ?? null],
});

/** What a container gets when it says nothing: the limit is the largest one, the request the limit or else the least one. */
function defaultItem(item: JsonObject): JsonObject {
  const rounded = amountKeys.reduce((result, key) => mapField(result, key, roundResources), item);
  if (text(rounded, 'type') !== 'Container') return rounded;
  const limits = { ...struct(rounded, 'max'), ...struct(rounded, 'default') };
  const requests = { ...struct(rounded, 'min'), ...limits, ...struct(rounded, 'defaultRequest') };
  return {
    ...rounded,
    ...(Object.keys(limits).length === 0 ? {} : { default: limits }),
    ...(Object.keys(requests).length === 0 ? {} : { defaultRequest: requests }),
  };
}
