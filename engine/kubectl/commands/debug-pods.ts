/** The Pods that `kubectl debug` makes or changes. Source: k8s.io/kubectl/pkg/cmd/debug/debug.go v0.36. */
import { loadSchema } from '../../api/schema/schema.ts';
import type { JsonObject, JsonValue } from '../../base/json.ts';
import { Random, randomStateFrom } from '../../base/random.ts';
import { ok } from '../../base/result.ts';
import { failure, type Outcome } from '../failure.ts';
import type { Invocation } from '../invocation.ts';
import { applyStrategicMerge } from '../kustomize/strategic-merge.ts';
import { listAt, objectAt, objectsAt, stringAt, stringMapAt, withValueAt } from '../rest/object-fields.ts';
import { applyProfile, changeContainer, type Debugged } from './debug-profiles.ts';
import type { DebugRequest } from './debug-request.ts';
import { allContainers } from './target-pod.ts';

/** A Pod, and its debugging container; of a copy with other images only there is none. */
export interface DebugPod {
  readonly pod: JsonObject;
  readonly container: string;
}

/** The Pod with one more ephemeral container. */
export function withDebugContainer(invocation: Invocation, request: DebugRequest, pod: JsonObject): DebugPod {
  const container = debugContainerName(invocation, pod);
  const target = invocation.flags.string('target');
  const added = {
    ...newContainer(invocation, request, container),
    ...(target === '' ? {} : { targetContainerName: target }),
  };
  const present = listAt(pod, 'spec', 'ephemeralContainers');
  const extended = withValueAt(pod, ['spec', 'ephemeralContainers'], [...present, added]);
  return {
    pod: finish(request, { pod: extended, container, style: 'ephemeral', kept: request.kept }),
    container,
  };
}

/** A Pod in the namespaces of a node, with the node's files at /host. */
export function nodeDebugPod(invocation: Invocation, request: DebugRequest, node: JsonObject): DebugPod {
  const container = invocation.flags.string('container') || 'debugger';
  const nodeName = stringAt(node, 'metadata', 'name');
  const name = `node-debugger-${nodeName}-${suffixFor(node)}`;
  if (!invocation.flags.bool('quiet')) {
    invocation.out(`Creating debugging pod ${name} with container ${container} on node ${nodeName}.\n`);
  }
  const pod: JsonObject = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { labels: { 'app.kubernetes.io/managed-by': 'kubectl-debug' }, name },
    spec: {
      containers: [newContainer(invocation, request, container)],
      nodeName,
      restartPolicy: 'Never',
      tolerations: [{ operator: 'Exists' }],
    },
    status: {},
  };
  return { pod: finish(request, { pod, container, style: 'node', kept: request.kept }), container };
}

/** A copy of the Pod with a debugging container added, or with one of its own changed. */
export function copyForDebugging(
  invocation: Invocation,
  request: DebugRequest,
  pod: JsonObject,
): Outcome<DebugPod> {
  const { flags } = invocation;
  const copied = copyOf(invocation, request, pod);
  const wanted = flags.string('container');
  const isThere = allContainers(copied).some(({ name }) => name === wanted);
  if (!isThere && request.image === '') {
    return request.setImages.size > 0
      ? ok({ pod: copied, container: '' })
      : failure('you must specify image when creating new container');
  }
  const container = isThere ? wanted : debugContainerName(invocation, copied);
  const extended = isThere
    ? copied
    : withValueAt(
        copied,
        ['spec', 'containers'],
        [
          ...listAt(copied, 'spec', 'containers'),
          { name: container, resources: {}, terminationMessagePolicy: 'File' },
        ],
      );
  const changed = changeContainer(extended, container, (one) => overridden(invocation, request, one));
  return ok({
    pod: finish(request, { pod: changed, container, style: 'copy', kept: request.kept }),
    container,
  });
}

function copyOf({ flags }: Invocation, { setImages }: DebugRequest, pod: JsonObject): JsonObject {
  const labels = stringMapAt(pod, 'metadata', 'labels');
  const annotations = stringMapAt(pod, 'metadata', 'annotations');
  const containers: JsonValue[] = objectsAt(pod, 'spec', 'containers').map((container) => {
    const image = setImages.get(stringAt(container, 'name')) ?? setImages.get('*') ?? '';
    return image === '' ? container : { ...container, image };
  });
  let spec: JsonObject = { ...objectAt(pod, 'spec'), containers };
  spec = withValueAt(spec, ['ephemeralContainers'], undefined);
  if (flags.isSet('share-processes'))
    spec = { ...spec, shareProcessNamespace: flags.bool('share-processes') };
  if (!flags.bool('same-node')) spec = withValueAt(spec, ['nodeName'], undefined);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...(annotations.size === 0 ? {} : { annotations: Object.fromEntries(annotations) }),
      ...(labels.size === 0 ? {} : { labels: Object.fromEntries(labels) }),
      name: flags.string('copy-to'),
      namespace: stringAt(pod, 'metadata', 'namespace'),
    },
    spec,
    status: {},
  };
}

/** What flags say about a container that is there already, or about a new one in a copy. */
function overridden({ flags }: Invocation, request: DebugRequest, container: JsonObject): JsonObject {
  const { words, env, image } = request;
  const { stdin: _stdin, tty: _tty, ...rest } = container;
  const { args: _args, ...withoutArgs } = rest;
  const isArgs = flags.bool('arguments-only');
  const commanded =
    words.length === 0 ? rest : isArgs ? { ...rest, args: words } : { ...withoutArgs, command: words };
  return {
    ...commanded,
    ...(env.length === 0 ? {} : { env }),
    ...(image === '' ? {} : { image }),
    ...(flags.string('image-pull-policy') === ''
      ? {}
      : { imagePullPolicy: flags.string('image-pull-policy') }),
    ...(flags.bool('stdin') ? { stdin: true } : {}),
    ...(flags.bool('tty') ? { tty: true } : {}),
  };
}

function newContainer({ flags }: Invocation, { words, env, image }: DebugRequest, name: string): JsonObject {
  const pullPolicy = flags.string('image-pull-policy');
  return {
    ...(words.length === 0 ? {} : { [flags.bool('arguments-only') ? 'args' : 'command']: words }),
    ...(env.length === 0 ? {} : { env }),
    image,
    ...(pullPolicy === '' ? {} : { imagePullPolicy: pullPolicy }),
    name,
    resources: {},
    ...(flags.bool('stdin') ? { stdin: true } : {}),
    terminationMessagePolicy: 'File',
    ...(flags.bool('tty') ? { tty: true } : {}),
  };
}

function finish({ profile, custom }: DebugRequest, debugged: Debugged): JsonObject {
  const profiled = applyProfile(profile, debugged);
  if (custom === undefined) return profiled;
  const types = { schema: loadSchema(), typeName: 'V1Container' };
  return changeContainer(profiled, debugged.container, (one) => applyStrategicMerge(one, custom, types));
}

/** The name that is given, or a new one, which is then told. */
function debugContainerName(invocation: Invocation, pod: JsonObject): string {
  const given = invocation.flags.string('container');
  if (given !== '') return given;
  const name = `debugger-${suffixFor(pod)}`;
  if (!invocation.flags.bool('quiet')) invocation.out(`Defaulting debug container name to ${name}.\n`);
  return name;
}

/** Random in the original; here it follows from the object as it is, so that the next one has another name. */
function suffixFor(object: JsonObject): string {
  const state = `${stringAt(object, 'metadata', 'uid')} ${stringAt(object, 'metadata', 'resourceVersion')}`;
  return new Random(randomStateFrom(state)).nameSuffix();
}
