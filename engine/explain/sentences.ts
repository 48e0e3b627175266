/** What a language must be able to say: one teller per cause. A language that forgets a cause does not compile. */
import type { Cause, CauseCode, ObjectName, Place, ToldCause } from './cause.ts';

/** The tellers of one language. */
export type Sentences = {
  readonly [Code in CauseCode]: (cause: Extract<Cause, { readonly code: Code }>) => ToldCause;
};

/** The tellers of what concerns Ingresses, Gateways and routes. */
export type RouteSentences = Pick<
  Sentences,
  Extract<CauseCode, `ingress-${string}` | `gateway-${string}` | `route-${string}`>
>;

/** `Service default/web`; the namespace is left out for objects that have none. */
export function nameObject(object: ObjectName): string {
  return object.namespace === ''
    ? `${object.kind} ${object.name}`
    : `${object.kind} ${object.namespace}/${object.name}`;
}

/** Whether what was looked for is named by its labels: `app=web` is no name that an object can have. */
export function isByLabels(object: ObjectName): boolean {
  return object.name.includes('=');
}

/** A field's value that can be written as it stands; patterns, bounds and choices can not. */
export function isPlainValue(wanted: string): boolean {
  return /^[A-Za-z0-9][\w.:/-]*$/.test(wanted);
}

/** What kubectl is asked to describe: `pod web -n shop`. */
export function describeArguments(object: ObjectName): string {
  const namespace =
    object.namespace === '' || object.namespace === 'default' ? '' : ` -n ${object.namespace}`;
  return `${object.kind.toLowerCase()} ${object.name}${namespace}`;
}

/** Where a packet stood or came from. */
export function namePlace(place: Place): string {
  if (place === 'client') return 'the client outside the cluster';
  return typeof place === 'string' ? place : nameObject(place);
}

/** `app=web,tier=front` */
export function showLabels(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}

/** `80, 443`; `otherwise` for an empty list. */
export function showList(values: readonly (string | number)[], otherwise: string): string {
  return values.length === 0 ? otherwise : values.join(', ');
}

/** `service.yaml:7:3`; the file alone where the place in it is not known, nothing without a file. */
export function namePlaceInFile(file: string | undefined, line?: number, column?: number): string {
  if (file === undefined) return '';
  return line === undefined ? file : `${file}:${line}:${column ?? 1}`;
}

/** What kubectl is asked to explain: `service.spec.ports` for the unknown field spec.ports[0].prot. */
export function explainArguments(kind: string, unknownPath: string): string {
  const steps = unknownPath
    .replaceAll(/\[[^\]]*\]/g, '')
    .split('.')
    .slice(0, -1);
  return [kind.toLowerCase(), ...steps].join('.');
}

/** `U+00A0` */
export function codePoint(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}
