/**
 * Fields that Go writes though nobody set them: structs and numbers without `omitempty`. An object that kubectl reads
 * from a file into its own struct and prints again has them.
 * Source: the JSON tags of k8s.io/api v0.36.
 */
import { type FieldType, loadSchema, type Schema } from '../../api/schema/schema.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { stringAt } from '../rest/object-fields.ts';
import { builtInType } from '../schema-type.ts';

const whole: JsonObject = { metadata: {}, spec: {}, status: {} };
const zeros: ReadonlyMap<string, JsonObject> = new Map<string, JsonObject>([
  ['V1Pod', whole],
  ['V1Deployment', whole],
  ['V1CronJob', whole],
  ['V1Job', whole],
  ['V1Node', whole],
  ['V1Service', whole],
  ['V1ServiceStatus', { loadBalancer: {} }],
  ['V1ReplicationController', { metadata: {}, spec: {}, status: { replicas: 0 } }],
  ['V1ReplicaSet', { metadata: {}, spec: {}, status: { replicas: 0 } }],
  ['V1StatefulSet', { metadata: {}, spec: {}, status: { availableReplicas: 0, replicas: 0 } }],
  [
    'V1DaemonSet',
    {
      metadata: {},
      spec: {},
      status: {
        currentNumberScheduled: 0,
        desiredNumberScheduled: 0,
        numberMisscheduled: 0,
        numberReady: 0,
      },
    },
  ],
  ['V1Container', { resources: {} }],
  ['V1DeploymentSpec', { strategy: {}, template: {} }],
  ['V1StatefulSetSpec', { template: {}, updateStrategy: {} }],
  ['V1DaemonSetSpec', { template: {}, updateStrategy: {} }],
  ['V1ReplicaSetSpec', { template: {} }],
  ['V1JobSpec', { template: {} }],
  ['V1CronJobSpec', { jobTemplate: {} }],
  ['V1JobTemplateSpec', { metadata: {}, spec: {} }],
  ['V1PodTemplateSpec', { metadata: {}, spec: {} }],
]);

/** The object as its Go struct is written; the same for kinds that are not built in. */
export function withGoZeros(object: JsonObject): JsonObject {
  const typeName = builtInType(stringAt(object, 'apiVersion'), stringAt(object, 'kind'));
  return typeName === undefined ? object : fillStruct(object, typeName, loadSchema());
}

function fillStruct(object: JsonObject, typeName: string, schema: Schema): JsonObject {
  const fields = schema.type(typeName)?.fields ?? new Map<string, { readonly type: FieldType }>();
  const filled = { ...zeros.get(typeName), ...object };
  return Object.fromEntries(
    Object.entries(filled).map(([name, value]) => [name, fillValue(value, fields.get(name)?.type, schema)]),
  );
}

function fillValue(value: JsonValue, type: FieldType | undefined, schema: Schema): JsonValue {
  if (type?.kind === 'array' && Array.isArray(value))
    return value.map((item) => fillValue(item, type.items, schema));
  return type?.kind === 'ref' && isJsonObject(value) ? fillStruct(value, type.name, schema) : value;
}
