/**
 * From a failure and the objects to its cause. Each function looks at what happened (a packet's trace, a refusal, an
 * object) and at the cluster as it is, and names what a person should mend.
 */
import type { Resource } from '../api/types/resources.ts';

/** What an explanation may look at. */
export interface ExplainView {
  list<T>(resource: Resource<T>, namespace?: string): readonly T[];
  /** Sockets that wait for connections in a network namespace. */
  listenersIn(
    netns: string,
  ): readonly { readonly protocol: 'tcp' | 'udp'; readonly address: string; readonly port: number }[];
  /** The addresses of each machine by name, the nodes and `client` among them. */
  machineAddresses(): ReadonlyMap<string, readonly string[]>;
  /** The last lines that a container wrote. */
  lastLog(namespace: string, pod: string, container: string): string;
}
