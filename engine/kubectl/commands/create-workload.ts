/** `kubectl create namespace|deployment|serviceaccount`. */
import type { JsonObject } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import { failure, type Outcome } from '../failure.ts';
import type { Invocation } from '../invocation.ts';
import { createSubcommand, type Generated, metadataOf, namespacedPath } from './create-object.ts';

export const createNamespaceCommand = createSubcommand({
  name: 'namespace',
  usage: 'NAME [--dry-run=server|client|none]',
  short: 'Create a namespace with the specified name',
  aliases: ['ns'],
  flags: [],
  generate: (_invocation, name) =>
    ok({
      object: { apiVersion: 'v1', kind: 'Namespace', metadata: { name }, spec: {}, status: {} },
      path: '/api/v1/namespaces',
      refusal: '',
    }),
});

export const createServiceAccountCommand = createSubcommand({
  name: 'serviceaccount',
  usage: 'NAME [--dry-run=server|client|none]',
  short: 'Create a service account with the specified name',
  aliases: ['sa'],
  flags: [],
  generate: (invocation, name) =>
    ok({
      object: { apiVersion: 'v1', kind: 'ServiceAccount', metadata: metadataOf(invocation, name) },
      path: namespacedPath(invocation, '/api/v1', 'serviceaccounts'),
      refusal: 'failed to create serviceaccount: ',
    }),
});

export const createDeploymentCommand = createSubcommand({
  name: 'deployment',
  usage: 'NAME --image=image -- [COMMAND] [args...]',
  short: 'Create a deployment with the specified name',
  aliases: ['deploy'],
  flags: [
    { name: 'image', type: 'stringSlice', usage: 'Images; one container for each.' },
    { name: 'port', type: 'int', initial: '-1', usage: 'The containerPort of the first container.' },
    { name: 'replicas', short: 'r', type: 'int', initial: '1', usage: 'Number of Pods.' },
  ],
  requiredFlags: ['image'],
  generate: generateDeployment,
});

function generateDeployment(invocation: Invocation, name: string): Outcome<Generated> {
  const { flags } = invocation;
  const command = invocation.args.slice(1);
  const images = flags.strings('image');
  if (images.length > 1 && command.length > 0)
    return failure('cannot specify multiple --image options and command');
  const port = flags.int('port');
  const containers: readonly JsonObject[] = images.map((image, index) => ({
    ...(command.length > 0 ? { command } : {}),
    image,
    name: containerName(image),
    ...(port >= 0 && index === 0 ? { ports: [{ containerPort: port }] } : {}),
    resources: {},
  }));
  const labels = { app: name };
  return ok({
    object: {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: metadataOf(invocation, name, labels),
      spec: {
        replicas: flags.int('replicas'),
        selector: { matchLabels: labels },
        strategy: {},
        template: { metadata: { labels }, spec: { containers } },
      },
      status: {},
    },
    path: namespacedPath(invocation, '/apis/apps/v1', 'deployments'),
    refusal: 'failed to create deployment: ',
  });
}

/** An image's last word, without tag and digest, made fit for a container's name. */
function containerName(image: string): string {
  const last = image.slice(image.lastIndexOf('/') + 1).replace(/[:@].*$/, '');
  return last.toLowerCase().replaceAll(/[^a-z0-9-]/g, '-');
}
