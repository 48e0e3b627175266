/** Deletes Jobs some time after they have finished. Source: pkg/controller/ttlafterfinished. */
import { keyOf, splitKey } from '../../../api/objects/keys.ts';
import type { Job } from '../../../api/types/kinds.ts';
import { jobs } from '../../../api/types/resources.ts';
import type { ControllerContext, ReconcileOutcome } from '../../../client/client.ts';

/** Starts the controller. */
export function createTtlAfterFinishedController(context: ControllerContext): void {
  const informer = context.informers.informer(jobs);
  const queue = context.workqueue('ttl-after-finished', (key) => reconcile(key));

  informer.onChange(({ after }) => {
    if (after !== undefined && expiryMs(after) !== undefined) queue.add(keyOf(after));
  });

  function reconcile(key: string): ReconcileOutcome {
    const { namespace, name } = splitKey(key);
    const job = informer.get(namespace, name);
    const expiry = job === undefined ? undefined : expiryMs(job);
    if (job === undefined || expiry === undefined) return 'done';
    const leftMs = expiry - Date.parse(context.nowTimestamp());
    if (leftMs > 0) return { requeueAfterMs: leftMs, background: true };
    const { uid } = job.metadata;
    const answer = context.client.delete(jobs, namespace, name, { propagationPolicy: 'Foreground', uid });
    return answer.ok || answer.error.code === 404 || answer.error.code === 409 ? 'done' : 'retry';
  }
}

/** When the Job is to go; undefined while it runs, or when nobody says so. */
function expiryMs(job: Job): number | undefined {
  const ttl = job.spec?.ttlSecondsAfterFinished;
  const end = job.status?.conditions?.find(
    ({ type, status }) => (type === 'Complete' || type === 'Failed') && status === 'True',
  );
  const isGoing = job.metadata.deletionTimestamp !== undefined;
  if (ttl === undefined || end?.lastTransitionTime === undefined || isGoing) return undefined;
  return Date.parse(end.lastTransitionTime) + ttl * 1000;
}
