/** Lines whose output differs from a real kubectl's, and why. An entry that no longer differs is taken out. */

/** Why a line differs. */
export interface KnownDifference {
  readonly because: string;
  /** The difference lies with binaries up to this minor version; with all when absent. */
  readonly upTo?: number;
}

/** The newest binary that the entries with `upTo` were seen with; 1.36 was seen not to differ there. */
const lastOlder = 33;

const deleted: KnownDifference = {
  because: 'kubectl 1.36 names the namespace of what it deleted',
  upTo: lastOlder,
};
const described: KnownDifference = {
  because: 'kubectl 1.36 shows port names and fields of events, and no events when several Pods are selected',
  upTo: lastOlder,
};

/** The differences by line. */
export const knownDifferences: ReadonlyMap<string, KnownDifference> = new Map<string, KnownDifference>([
  ['kubectl describe deployment web', described],
  ['kubectl describe pods -l app=web', described],
  ['kubectl describe pod bad', described],
  [
    'kubectl describe node worker-1',
    { because: 'kubectl 1.36 no longer shows the version of kube-proxy', upTo: lastOlder },
  ],
  [
    'kubectl exec one -c nothing -- true',
    { because: 'kubectl 1.36 looks for the container before it asks the server', upTo: lastOlder },
  ],
  ['kubectl delete pod one', deleted],
  ['kubectl delete deployment web --wait=false', deleted],
  ['kubectl delete -f service.yaml', deleted],
  ['kubectl delete pods --all', deleted],
]);
