/** Finding namespaces and links in the state, and replacing links. */
import { invariant } from '../../base/result.ts';
import type { NetnsId } from '../trace.ts';
import type { Link, NamespaceState, NetworkState } from './state.ts';

/**
 * The namespace of an id.
 *
 * @throws InvariantError when there is none.
 */
export function requireNamespace(state: NetworkState, id: NetnsId): NamespaceState {
  const namespace = state.namespaces.get(id);
  invariant(namespace !== undefined, `no such network namespace: ${id}`);
  return namespace;
}

/**
 * The link of a name.
 *
 * @throws InvariantError when there is none.
 */
export function requireLink(namespace: NamespaceState, name: string): Link {
  const link = namespace.links.get(name);
  invariant(link !== undefined, `Cannot find device "${name}" in ${namespace.id}`);
  return link;
}

/** Puts a changed link in the place of the one with its name. */
export function replaceLink(namespace: NamespaceState, link: Link): void {
  namespace.links.set(link.name, Object.freeze(link));
}

/** The other end of a veth pair or cable. */
export function peerOf(
  state: NetworkState,
  link: Link,
): { readonly namespace: NamespaceState; readonly link: Link } | undefined {
  if (link.peer === undefined) return undefined;
  const namespace = state.namespaces.get(link.peer.netns);
  const other = namespace?.links.get(link.peer.link);
  return namespace === undefined || other === undefined ? undefined : { namespace, link: other };
}

/** The ports of a bridge in order of index. */
export function* portsOf(namespace: NamespaceState, bridge: string): Generator<Link> {
  for (const link of namespace.links.values()) if (link.master === bridge) yield link;
}
