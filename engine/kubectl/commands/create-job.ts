/** `kubectl create job` and `kubectl create cronjob`. Source: k8s.io/kubectl/pkg/cmd/create/create_job.go and create_cronjob.go. */
import type { JsonObject } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import { failure, joinFailures, type Outcome } from '../failure.ts';
import type { Invocation } from '../invocation.ts';
import { objectAt, stringAt } from '../rest/object-fields.ts';
import { fetchInfos } from '../rest/resource-infos.ts';
import { createSubcommand, metadataOf, namespacedPath } from './create-object.ts';

export const createJobCommand = createSubcommand({
  name: 'job',
  usage: 'NAME --image=image [--from=cronjob/name] -- [COMMAND] [args...]',
  short: 'Create a job with the specified name',
  flags: [
    { name: 'from', type: 'string', usage: 'A CronJob whose template the Job has.' },
    { name: 'image', type: 'string', usage: 'The image of the container.' },
  ],
  generate: async (invocation, name) => {
    const image = invocation.flags.string('image');
    const from = invocation.flags.string('from');
    const command = invocation.args.slice(1);
    if ((image === '') === (from === '')) return failure('either --image or --from must be specified');
    if (command.length > 0 && from !== '') return failure('cannot specify --from and command');
    const job =
      from === ''
        ? ok<JsonObject>({
            metadata: metadataOf(invocation, name),
            spec: jobSpec({ name, image, command, restartPolicy: 'Never' }),
          })
        : await jobOfCronJob(invocation, name, from);
    if (!job.ok) return job;
    return ok({
      object: { apiVersion: 'batch/v1', kind: 'Job', ...job.value, status: {} },
      path: namespacedPath(invocation, '/apis/batch/v1', 'jobs'),
      refusal: 'failed to create job: ',
    });
  },
});

export const createCronJobCommand = createSubcommand({
  name: 'cronjob',
  usage: "NAME --image=image --schedule='0/5 * * * ?' -- [COMMAND] [args...] [flags]",
  short: 'Create a cron job with the specified name',
  aliases: ['cj'],
  flags: [
    { name: 'image', type: 'string', usage: 'The image of the container.' },
    { name: 'restart', type: 'string', usage: 'The restartPolicy: OnFailure or Never.' },
    { name: 'schedule', type: 'string', usage: 'When it runs, in the form of cron.' },
  ],
  requiredFlags: ['image', 'schedule'],
  generate: (invocation, name) => {
    const { flags } = invocation;
    const spec = jobSpec({
      name,
      image: flags.string('image'),
      command: invocation.args.slice(1),
      restartPolicy: flags.string('restart') || 'OnFailure',
    });
    return ok({
      object: {
        apiVersion: 'batch/v1',
        kind: 'CronJob',
        metadata: metadataOf(invocation, name),
        spec: { jobTemplate: { metadata: { name }, spec }, schedule: flags.string('schedule') },
        status: {},
      },
      path: namespacedPath(invocation, '/apis/batch/v1', 'cronjobs'),
      refusal: 'failed to create cronjob: ',
    });
  },
});

function jobSpec(part: {
  readonly name: string;
  readonly image: string;
  readonly command: readonly string[];
  readonly restartPolicy: string;
}): JsonObject {
  const { name, image, command, restartPolicy } = part;
  const container = { ...(command.length > 0 ? { command } : {}), image, name, resources: {} };
  return { template: { metadata: {}, spec: { containers: [container], restartPolicy } } };
}

async function jobOfCronJob(
  invocation: Invocation,
  name: string,
  from: string,
): Promise<Outcome<JsonObject>> {
  const fetched = await fetchInfos(invocation, { args: [from], selector: '' });
  if (!fetched.ok) return fetched;
  const problem = joinFailures(fetched.value.failures);
  if (problem !== undefined) return { ok: false, error: problem };
  const [info, another] = fetched.value.infos;
  if (info === undefined || another !== undefined) return failure('from must be an existing cronjob');
  const { mapping, object } = info;
  if (mapping.kind !== 'CronJob') {
    return failure(`unknown object type *${mapping.version}.${mapping.kind}`);
  }
  const labels = objectAt(object, 'spec', 'jobTemplate', 'metadata', 'labels');
  return ok({
    metadata: {
      annotations: {
        'cronjob.kubernetes.io/instantiate': 'manual',
        ...objectAt(object, 'spec', 'jobTemplate', 'metadata', 'annotations'),
      },
      ...metadataOf(invocation, name, Object.keys(labels).length === 0 ? undefined : labels),
      ownerReferences: [
        {
          apiVersion: 'batch/v1',
          controller: true,
          kind: 'CronJob',
          name: stringAt(object, 'metadata', 'name'),
          uid: stringAt(object, 'metadata', 'uid'),
        },
      ],
    },
    spec: objectAt(object, 'spec', 'jobTemplate', 'spec'),
  });
}
