/** From the kubeconfig and the global flags to the cluster, namespace and user of a command: clientcmd's ClientConfig. */
import type { UserInfo } from '../../api/request.ts';
import { ok } from '../../base/result.ts';
import { parseDurationMs } from '../cli/duration.ts';
import type { Flags } from '../cli/flag-table.ts';
import { userFlag } from '../cli/flags.ts';
import { failure, type Outcome } from '../failure.ts';
import type { ClusterAddress } from '../rest/cluster-client.ts';
import { stringAt } from '../rest/object-fields.ts';
import type { Kubeconfig } from './kubeconfig.ts';

/** Where a command goes. */
export interface ClientConfig {
  readonly address: ClusterAddress;
  /** `default` when neither flag nor context names one. */
  readonly namespace: string;
  /** Whether `-n` named it. */
  readonly isNamespaceExplicit: boolean;
}

/** The server that kubectl asks when nothing is configured. Source: client-go clientcmd, DefaultCluster. */
const unconfiguredServer = 'http://localhost:8080';

/** Works out where a command goes. */
export function resolveClientConfig(kubeconfig: Kubeconfig, flags: Flags): Outcome<ClientConfig> {
  const contextName = flags.string('context') || kubeconfig.currentContext;
  const context = kubeconfig.contexts.get(contextName);
  // A namespace that is given keeps kubectl from looking at the rest first.
  if (context === undefined && flags.string('context') !== '' && flags.string('namespace') !== '') {
    return failure(`context ${JSON.stringify(contextName)} does not exist`);
  }
  if (context === undefined && contextName !== '') {
    const text = `Error in configuration: context was not found for specified context: ${contextName}`;
    return { ok: false, error: { kind: 'exit', code: 1, text } };
  }
  const clusterName = flags.string('cluster') || stringAt(context, 'cluster');
  const cluster = kubeconfig.clusters.get(clusterName);
  if (cluster === undefined && flags.string('cluster') !== '') {
    return failure(`no server found for cluster ${JSON.stringify(clusterName)}`);
  }
  const userName = flags.holds(userFlag) ? flags.string('user') : '';
  if (userName !== '' && !kubeconfig.users.has(userName))
    return failure(`auth info ${JSON.stringify(userName)} does not exist`);
  if (!isTimeout(flags.string('request-timeout'))) {
    return failure(
      'Invalid timeout value. Timeout must be a single integer in seconds, or an integer followed by a corresponding time unit (e.g. 1s | 2m | 3h)',
    );
  }
  const server = flags.string('server') || stringAt(cluster, 'server') || unconfiguredServer;
  const user = impersonatedUser(flags);
  const namespace = flags.string('namespace') || stringAt(context, 'namespace') || 'default';
  return ok({
    address: user === undefined ? { server } : { server, user },
    namespace,
    isNamespaceExplicit: flags.string('namespace') !== '',
  });
}

/** Source: client-go clientcmd, ParseTimeout. */
function isTimeout(text: string): boolean {
  return text === '' || /^[+-]?\d+$/.test(text) || parseDurationMs(text) !== undefined;
}

function impersonatedUser(flags: Flags): UserInfo | undefined {
  const name = flags.string('as');
  return name === '' ? undefined : { name, groups: [...flags.strings('as-group'), 'system:authenticated'] };
}
