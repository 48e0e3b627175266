/**
 * Every kind that is served at the moment: the built-in ones, and those whose definitions are established. Source:
 * apiextensions-apiserver/pkg/apiserver/customresource_handler.go and customresource_discovery_controller.go.
 *
 * Nothing is kept that does not follow from the stored definitions: a fork serves what its own store holds.
 */
import { customKinds } from '../../api/custom/custom-kind.ts';
import type { Schema, TypeSchema } from '../../api/schema/schema.ts';
import type { KindDefinition, Scheme } from '../../api/scheme.ts';
import type { Store, StoredObject } from '../store/store.ts';

const definitionsPrefix = 'apiextensions.k8s.io/customresourcedefinitions/';

interface Served {
  readonly revision: number;
  readonly kinds: readonly KindDefinition[];
  readonly byResource: ReadonlyMap<string, KindDefinition>;
  readonly byKind: ReadonlyMap<string, KindDefinition>;
  readonly types: ReadonlyMap<string, TypeSchema>;
}

// A stored definition is frozen, and shared by forks: its kinds are made once.
const kindsOf = new WeakMap<StoredObject, readonly KindDefinition[]>();

/** The scheme and the schema of a server, with what its store defines. */
export function createServedKinds(
  builtin: { readonly scheme: Scheme; readonly schema: Schema },
  store: Store,
): { readonly scheme: Scheme; readonly schema: Schema } {
  const { scheme, schema } = builtin;
  let served: Served | undefined;
  const current = (): Served => {
    const revision = store.collectionRevision(definitionsPrefix);
    if (served?.revision === revision) return served;
    const custom = [...store.list(definitionsPrefix)].flatMap(([, definition]) => {
      const kinds = kindsOf.get(definition) ?? customKinds(definition, schema);
      kindsOf.set(definition, kinds);
      return kinds;
    });
    served = {
      revision,
      kinds: custom.length === 0 ? scheme.kinds : [...scheme.kinds, ...custom],
      byResource: new Map(custom.map((kind) => [`${kind.group}/${kind.version}/${kind.plural}`, kind])),
      byKind: new Map(custom.map((kind) => [`${kind.group}/${kind.version}/${kind.kind}`, kind])),
      types: new Map(custom.flatMap((kind) => [...(kind.custom?.types ?? [])])),
    };
    return served;
  };
  return {
    scheme: new ServedScheme(scheme, current),
    schema: {
      release: schema.release,
      typeNames: schema.typeNames,
      type: (name) => schema.type(name) ?? current().types.get(name),
    },
  };
}

/**
 * A class for its getter: a literal's would give every fork's scheme a hidden class of its own, which V8 keeps, and through
 * it the whole fork, until the next full collection.
 */
class ServedScheme implements Scheme {
  readonly #builtin: Scheme;
  readonly #current: () => Served;

  constructor(builtin: Scheme, current: () => Served) {
    this.#builtin = builtin;
    this.#current = current;
  }

  get kinds(): readonly KindDefinition[] {
    return this.#current().kinds;
  }

  byResource(group: string, version: string, plural: string): KindDefinition | undefined {
    return (
      this.#builtin.byResource(group, version, plural) ??
      this.#current().byResource.get(`${group}/${version}/${plural}`)
    );
  }

  byKind(group: string, version: string, kind: string): KindDefinition | undefined {
    return (
      this.#builtin.byKind(group, version, kind) ?? this.#current().byKind.get(`${group}/${version}/${kind}`)
    );
  }
}
