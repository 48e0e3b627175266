/**
 * Which Ingresses a controller serves, by its flags and their class. Source: ingress-nginx,
 * internal/ingress/controller/store/store.go (GetIngressClass), docs/user-guide/multiple-ingress.md.
 */
import type { Ingress, IngressClass } from '../../api/types/kinds.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../base/json.ts';

/** The flags of a controller that say what it serves. */
export type ControllerFlags = {
  /** The value of the old annotation. */
  readonly ingressClass: string;
  /** What spec.controller of its IngressClasses says. */
  readonly controllerClass: string;
  readonly watchWithoutClass: boolean;
  /** Empty: every namespace. */
  readonly watchNamespace: string;
  /** `namespace/name` of the Service that stands for requests nobody has a rule for; empty: the controller itself. */
  readonly defaultBackendService: string;
  /** `namespace/name` of the Secret shown where no other fits; empty: the controller's fake one. */
  readonly defaultCertificate: string;
  /** `namespace/name` of the Service whose address Ingresses are given; empty: the nodes' addresses. */
  readonly publishService: string;
};

/** What the flags are when none is given. Source: ingress-nginx, pkg/flags/flags.go. */
export const defaultFlags: ControllerFlags = Object.freeze({
  ingressClass: 'nginx',
  controllerClass: 'k8s.io/ingress-nginx',
  watchWithoutClass: false,
  watchNamespace: '',
  defaultBackendService: '',
  defaultCertificate: '',
  publishService: '',
});

/** Reads the flags of a command line; `environment` fills in `$(NAME)`. */
export function readFlags(
  args: readonly string[],
  environment: ReadonlyMap<string, string> = new Map(),
): ControllerFlags {
  const values = new Map<string, string>();
  for (const argument of args) {
    const match = /^--([a-z-]+)(?:=(.*))?$/.exec(argument);
    if (match === null) continue;
    const [, name = '', value = 'true'] = match;
    values.set(
      name,
      value.replace(/\$\(([A-Za-z0-9_]+)\)/g, (whole, key: string) => environment.get(key) ?? whole),
    );
  }
  return {
    ingressClass: values.get('ingress-class') ?? defaultFlags.ingressClass,
    controllerClass: values.get('controller-class') ?? defaultFlags.controllerClass,
    watchWithoutClass: values.get('watch-ingress-without-class') === 'true',
    watchNamespace: values.get('watch-namespace') ?? '',
    defaultBackendService: values.get('default-backend-service') ?? '',
    defaultCertificate: values.get('default-ssl-certificate') ?? '',
    publishService: values.get('publish-service') ?? '',
  };
}

/** The argv that a controller's program passes on, as JSON. */
export function flagsOfJson(value: JsonValue | undefined): ControllerFlags {
  const argv = isJsonObject(value) ? stringsOf(value.argv) : [];
  return readFlags(argv);
}

function stringsOf(value: JsonObject[string] | undefined): readonly string[] {
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : [];
}

/** The annotation from before there were IngressClasses. */
const classAnnotation = 'kubernetes.io/ingress.class';

/** Whether a controller serves an Ingress. */
export function isServedBy(
  flags: ControllerFlags,
  ingress: Ingress,
  classOf: (name: string) => IngressClass | undefined,
): boolean {
  if (flags.watchNamespace !== '' && ingress.metadata.namespace !== flags.watchNamespace) return false;
  const name = ingress.spec?.ingressClassName;
  if (name !== undefined) return classOf(name)?.spec?.controller === flags.controllerClass;
  const annotated = ingress.metadata.annotations?.[classAnnotation];
  return annotated === undefined ? flags.watchWithoutClass : annotated === flags.ingressClass;
}
