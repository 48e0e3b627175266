/** What objects tell without what is drawn by chance or follows the clock. */
import { isJsonObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { compareKeys } from '../../base/sorted-map.ts';

/** Of names that were generated the base is left: which of several alike is meant is chance. */
export interface Neutralizer {
  learn(objects: readonly JsonObject[]): void;
  /** When a generated name was first seen, among those of its base; 0 for one that was given. */
  order(name: string): number;
  text(text: string): string;
  object(object: JsonObject): JsonObject;
}

const hashLabels = ['pod-template-hash', 'controller-revision-hash', 'controller.kubernetes.io/hash'];
const leftOut: readonly string[] = [
  'uid',
  'resourceVersion',
  'creationTimestamp',
  'managedFields',
  'selfLink',
];
/** Of a Pod's and a template's spec nothing is told but what controllers put in. */
const toldOfPods: readonly string[] = ['hostname', 'nodeName', 'subdomain', 'schedulingGates'];

/** Lists that come from maps, in any order. */
const unordered: readonly string[] = ['endpoints', 'addresses', 'notReadyAddresses', 'subsets'];

/** Makes one for a namespace, whose name is left out. */
export function createNeutralizer(namespace: string, tellsNodes: boolean): Neutralizer {
  const names = new Map<string, string>();
  const orders = new Map<string, number>();
  const counts = new Map<string, number>();
  const hashes = new Map<string, string>();

  function number(base: string): number {
    const next = (counts.get(base) ?? 0) + 1;
    counts.set(base, next);
    return next;
  }

  function learnHash(value: JsonValue | undefined): void {
    if (typeof value !== 'string' || value === '' || hashes.has(value)) return;
    hashes.set(value, `<hash${hashes.size + 1}>`);
  }

  function text(source: string): string {
    let result = source.replaceAll(namespace, '<ns>');
    for (const [name, told] of [...names].sort(([a], [b]) => b.length - a.length)) {
      result = result.replaceAll(name, told);
    }
    for (const [hash, told] of hashes) result = result.replaceAll(hash, told);
    return result
      .replace(/(-<hash\d+>)-[bcdfghjklmnpqrstvwxz2456789]{5}\b/g, '$1-#')
      .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, '<time>')
      .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<uid>')
      .replace(/\bworker-\d\b/g, tellsNodes ? '$&' : 'worker')
      .replace(/\b10\.244\.9\.\d+\b/g, '<podIP>')
      .replace(/\b10\.96\.\d+\.\d+\b/g, '<clusterIP>');
  }

  function value(source: JsonValue): JsonValue {
    if (typeof source === 'string') return text(source);
    if (Array.isArray(source)) return source.map(value);
    if (!isJsonObject(source)) return source;
    return Object.fromEntries(
      Object.entries(source)
        .filter(([key]) => !leftOut.includes(key))
        .map(([key, child]) => [text(key), unordered.includes(key) ? inOrder(value(child)) : value(child)]),
    );
  }

  return {
    learn(objects) {
      const version = (object: JsonObject) => Number(metadataOf(object).resourceVersion ?? 0);
      const inOrder = [...objects].sort((a, b) => version(a) - version(b));
      for (const object of inOrder) {
        const { labels } = metadataOf(object);
        if (isJsonObject(labels)) for (const key of hashLabels) learnHash(labels[key]);
      }
      for (const object of inOrder) {
        const { name, generateName } = metadataOf(object);
        if (typeof name !== 'string' || typeof generateName !== 'string' || names.has(name)) continue;
        if (!/^[bcdfghjklmnpqrstvwxz2456789]{5}$/.test(name.slice(generateName.length))) continue;
        const order = number(generateName);
        orders.set(name, order);
        names.set(name, `${text(generateName)}#`);
      }
    },
    order: (name) => orders.get(name) ?? 0,
    text,
    object(object) {
      const told = value(object);
      return isJsonObject(told) ? withoutDefaults(told) : {};
    },
  };
}

function inOrder(value: JsonValue): JsonValue {
  if (!Array.isArray(value)) return value;
  const texts = value.map((one) => JSON.stringify(sortKeys(one))).sort();
  return texts.map((one): JsonValue => JSON.parse(one));
}

/** With keys in order: theirs says nothing. */
export function sortKeys(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (!isJsonObject(value)) return value;
  const entries = Object.entries(value).sort(([a], [b]) => compareKeys(a, b));
  return Object.fromEntries(entries.map(([key, child]) => [key, sortKeys(child)]));
}

function metadataOf(object: JsonObject): JsonObject {
  return isJsonObject(object.metadata) ? object.metadata : {};
}

/** Templates and Pods are what the script wrote, and where a Pod goes is chance among equals. */
function withoutDefaults(object: JsonObject): JsonObject {
  const { spec, apiVersion: _version, kind: _kind, ...rest } = withoutSliceGeneration(object);
  if (!isJsonObject(spec)) return rest;
  const isPod = Array.isArray(spec.containers);
  const kept = Object.entries(spec).filter(([key]) =>
    isPod ? toldOfPods.includes(key) : key !== 'template',
  );
  return kept.length === 0 ? rest : { ...rest, spec: Object.fromEntries(kept) };
}

/** How often a slice was written depends on who was first. */
function withoutSliceGeneration(object: JsonObject): JsonObject {
  if (object.addressType === undefined || !isJsonObject(object.metadata)) return object;
  const { generation: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}
