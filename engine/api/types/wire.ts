/**
 * Kubernetes' own field names and types as plain JSON. They are taken, as types only, from the models of
 * `@kubernetes/client-node`, so nothing is typed by hand; dates are RFC 3339 strings as on the wire, and the
 * underscore that the models put before reserved words (`_from`) is taken off.
 */
export type Wire<T> = T extends Date
  ? string
  : T extends string | number | boolean | null | undefined
    ? T
    : T extends (infer Item)[]
      ? readonly Wire<Item>[]
      : T extends object
        ? { readonly [K in keyof T as K extends `_${infer Plain}` ? Plain : K]: Wire<T[K]> }
        : T;

/** An object as the API server stores and returns it: what the server always fills in is there. */
export type Stored<T extends { readonly metadata?: unknown }> = Omit<
  T,
  'metadata' | 'apiVersion' | 'kind'
> & {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: NonNullable<T['metadata']> & {
    readonly name: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly creationTimestamp: string;
  };
};

/** Any stored object, when the kind does not matter. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta & { readonly name: string };
  readonly [field: string]: unknown;
}

type ObjectMeta = Wire<import('@kubernetes/client-node/dist/gen/models/V1ObjectMeta.js').V1ObjectMeta>;

export type { ObjectMeta };
