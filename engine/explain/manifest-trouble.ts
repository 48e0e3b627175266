/** What is wrong with a manifest, as data: a slip that keeps it from being read, or the reason of a refusal. */

/** Why a file holds no objects. */
export type ManifestSlip =
  /** Blank lines, comments and `---` only. */
  | { readonly kind: 'empty' }
  /** A shell's line, or what a command printed. */
  | { readonly kind: 'pasted'; readonly what: 'command' | 'output' }
  /** The ``` of a Markdown text. */
  | { readonly kind: 'code-fence' }
  | { readonly kind: 'plain-text'; readonly text: string }
  /** A list where there should be one object, or several parted by `---`. */
  | { readonly kind: 'list' }
  | { readonly kind: 'tab' }
  /** A character that only looks like the one that YAML knows. */
  | { readonly kind: 'lookalike'; readonly character: string; readonly instead: string }
  | { readonly kind: 'indentation' }
  /** No `key: value`: the colon or the space after it is missing. */
  | { readonly kind: 'no-colon'; readonly text: string }
  /** A second `: ` in a value without quotes. */
  | { readonly kind: 'colon-in-value' }
  | { readonly kind: 'open-quote' };

/** What a value of a field is, or has to be. */
export type ValueType = 'text' | 'number' | 'boolean' | 'list' | 'map';

/** Why the API server, or kubectl on the way there, takes no object of a manifest. Paths are as Kubernetes writes them. */
export type RefusalHint =
  | {
      readonly kind: 'unknown-field';
      readonly objectKind: string;
      /** `spec.ports[0].targetport` */
      readonly path: string;
      /** A field beside it that is spelled nearly so. */
      readonly nearest?: string;
      /** Where else the kind has a field of exactly this name: `spec.ports[*].targetPort`. */
      readonly elsewhere?: string;
    }
  | {
      readonly kind: 'unknown-kind';
      readonly apiVersion: string;
      readonly objectKind: string;
      /** The kind that was meant, with the version that serves it. */
      readonly meant?: { readonly apiVersion: string; readonly kind: string };
    }
  | { readonly kind: 'not-set'; readonly field: 'apiVersion' | 'kind' }
  | {
      readonly kind: 'wrong-type';
      readonly path: string;
      readonly wanted: ValueType;
      readonly found: ValueType;
      /** The value, unless it is a list or a map. */
      readonly value?: string;
    }
  | { readonly kind: 'namespace-missing'; readonly namespace: string }
  /** It may not change once the object is there. */
  | { readonly kind: 'immutable'; readonly path: string }
  | { readonly kind: 'over-quota'; readonly quota: string; readonly namespace: string }
  | { readonly kind: 'required'; readonly path: string }
  /** A name or a label's value with characters that it may not have. */
  | {
      readonly kind: 'bad-name';
      readonly path: string;
      readonly value: string;
      readonly what: 'name' | 'label' | 'host';
    }
  /** One of a few values, of which `nearest` is spelled nearly so. */
  | {
      readonly kind: 'not-one-of';
      readonly path: string;
      readonly value: string;
      readonly values: readonly string[];
      readonly nearest?: string;
    }
  /** A port or an address of a Service, outside of what is handed out. */
  | { readonly kind: 'out-of-range'; readonly path: string; readonly value: string; readonly range: string }
  /** A port or an address that another Service has. */
  | { readonly kind: 'taken'; readonly path: string; readonly value: string };
