/** Ingresses for tests, as the API server stores them. */
import type { Ingress } from '../../../api/types/kinds.ts';

/** A path of a rule: the Service's name is its backend. */
export type PathOf = readonly [
  pathType: 'Exact' | 'Prefix' | 'ImplementationSpecific',
  path: string,
  service: string,
];

/** An Ingress of namespace default; `age` counts seconds backwards, so that a greater one is older. */
export function ingressOf(
  name: string,
  rules: Readonly<Record<string, readonly PathOf[]>>,
  more: {
    readonly age?: number;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly defaultBackend?: string;
  } = {},
): Ingress {
  const { age = 0, annotations, defaultBackend } = more;
  const backendOf = (service: string) => ({ service: { name: service, port: { number: 8080 } } });
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: {
      name,
      namespace: 'default',
      uid: name,
      resourceVersion: '1',
      creationTimestamp: new Date(Date.UTC(2026, 4, 1) - age * 1000).toISOString(),
      ...(annotations === undefined ? {} : { annotations }),
    },
    spec: {
      ingressClassName: 'nginx',
      rules: Object.entries(rules).map(([host, paths]) => ({
        ...(host === '' ? {} : { host }),
        http: {
          paths: paths.map(([pathType, path, service]) => ({ path, pathType, backend: backendOf(service) })),
        },
      })),
      ...(defaultBackend === undefined ? {} : { defaultBackend: backendOf(defaultBackend) }),
    },
  };
}
