/**
 * What kubectl says before it gives up on a server that does not answer: a line for each time that it asked what the server
 * serves. How often a command asks is what kubectl v1.36.0 did with a server that refuses connections.
 */
import type { Failure } from './failure.ts';
import type { Invocation } from './invocation.ts';
import { describeFailedRequest, discoveryRequest } from './rest/dial.ts';

/** By command; others ask for nothing before they do what they are for. */
const discoveries: ReadonlyMap<string, number> = new Map([
  ['describe', 5],
  ['delete', 5],
  ['label', 5],
  ['annotate', 5],
  ['patch', 5],
  ['edit', 5],
  ['scale', 5],
  ['expose', 5],
  ['autoscale', 5],
  ['cluster-info', 5],
  ['apply view-last-applied', 4],
  ['apply edit-last-applied', 4],
  ['attach', 4],
  ['create job', 4],
  ['certificate approve', 4],
  ['certificate deny', 4],
  ['cordon', 4],
  ['debug', 4],
  ['drain', 4],
  ['exec', 4],
  ['logs', 4],
  ['port-forward', 4],
  ['rollout history', 4],
  ['rollout pause', 4],
  ['rollout restart', 4],
  ['rollout resume', 4],
  ['rollout status', 4],
  ['rollout undo', 4],
  ['set env', 4],
  ['set image', 4],
  ['set resources', 4],
  ['set selector', 4],
  ['set serviceaccount', 4],
  ['uncordon', 4],
  ['wait', 4],
  ['create clusterrole', 2],
  ['create role', 2],
  ['explain', 2],
  ['taint', 2],
  ['api-resources', 1],
  ['run', 1],
]);

/** Tells on stderr how a command asked an unreachable API server in vain. */
export function tellUnreachable(
  invocation: Invocation,
  { server }: Extract<Failure, { readonly kind: 'unreachable' }>,
): void {
  if (server !== undefined) complainOfDiscovery(invocation, server, countDiscoveries(invocation));
}

/** Tells on stderr so many times that the server could not say what it serves. */
export function complainOfDiscovery(invocation: Invocation, server: string, times: number): void {
  const failed = describeFailedRequest(server, discoveryRequest);
  if (failed === undefined) return;
  const err = JSON.stringify(`couldn't get current server API group list: ${failed}`);
  for (let left = times; left > 0; left -= 1) {
    invocation.complain('memcache.go:265', `"Unhandled Error" err=${err}`);
  }
}

function countDiscoveries({ path, args, flags }: Invocation): number {
  const command = path.replace(/^kubectl /, '');
  if (command !== 'get') return discoveries.get(command) ?? 0;
  // Each kind that is named is looked for once more.
  const isRaw = flags.isSet('raw');
  return isRaw ? 0 : 4 + new Set(args[0]?.split(',')).size;
}
