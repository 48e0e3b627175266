/**
 * `kubectl debug`: a container with tools in a running Pod, in a copy of it, or in a Pod on a node.
 * Source: k8s.io/kubectl/pkg/cmd/debug/debug.go v0.36.
 */
import type { JsonObject } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import { createTwoWayPatch } from '../apply/apply-patch.ts';
import type { Command } from '../cli/command.ts';
import type { FlagSpec } from '../cli/flag-table.ts';
import { jsonFilenameFlag } from '../cli/flags.ts';
import { failure, joinFailures, messageOf, type Outcome } from '../failure.ts';
import type { Invocation } from '../invocation.ts';
import { listAt, objectAt, objectsAt, stringAt, valueAt } from '../rest/object-fields.ts';
import { fetchInfos, type ResourceInfo } from '../rest/resource-infos.ts';
import { resourcePath } from '../rest/rest-mapper.ts';
import { attachTo } from './attach.ts';
import { copyForDebugging, type DebugPod, nodeDebugPod, withDebugContainer } from './debug-pods.ts';
import { type DebugRequest, readDebugRequest } from './debug-request.ts';
import { answerMs, showLogs, waitForPod } from './wait-for-pod.ts';

export const debugCommand: Command = {
  name: 'debug',
  usage: '(POD | TYPE[[.VERSION].GROUP]/NAME) [ -- COMMAND [args...] ]',
  short: 'Create debugging sessions for troubleshooting workloads and nodes',
  flags: [
    jsonFilenameFlag,
    bool('arguments-only', 'Takes the words behind -- for arguments instead of the command.'),
    bool('attach', 'Waits for the container and attaches to it; the default with -i.'),
    { name: 'container', short: 'c', type: 'string', usage: 'Name of the debugging container.' },
    { name: 'copy-to', type: 'string', usage: 'Debugs a copy of the Pod with this name.' },
    { name: 'custom', type: 'string', usage: 'A file with part of a container, laid over the profile.' },
    { name: 'env', type: 'stringToString', initial: '[]', usage: 'Environment variables of the container.' },
    { name: 'image', type: 'string', usage: 'Image of the debugging container.' },
    {
      name: 'image-pull-policy',
      type: 'string',
      usage: 'Always, IfNotPresent or Never; the server decides without.',
    },
    bool('keep-annotations', 'The copy keeps the annotations (with --copy-to).'),
    {
      name: 'keep-init-containers',
      type: 'bool',
      initial: 'true',
      usage: 'The copy runs the init containers (with --copy-to).',
    },
    bool('keep-labels', 'The copy keeps the labels (with --copy-to).'),
    bool('keep-liveness', 'The copy keeps the liveness probes (with --copy-to).'),
    bool('keep-readiness', 'The copy keeps the readiness probes (with --copy-to).'),
    bool('keep-startup', 'The copy keeps the startup probes (with --copy-to).'),
    {
      name: 'profile',
      type: 'string',
      initial: 'general',
      usage: 'general, baseline, restricted, netadmin or sysadmin.',
    },
    { ...bool('quiet', 'Leaves notes out.'), short: 'q' },
    bool('replace', 'Deletes the Pod that was copied (with --copy-to).'),
    bool('same-node', 'The copy runs on the same node (with --copy-to).'),
    {
      name: 'set-image',
      type: 'stringToString',
      initial: '[]',
      usage: 'Images of the copy by container: name=image (with --copy-to).',
    },
    {
      name: 'share-processes',
      type: 'bool',
      initial: 'true',
      usage: 'The containers of the copy see each other (with --copy-to).',
    },
    { ...bool('stdin', 'Keeps stdin open.'), short: 'i' },
    { name: 'target', type: 'string', usage: 'Container whose processes an ephemeral container sees.' },
    { ...bool('tty', 'Gives the container a terminal.'), short: 't' },
  ],
  run: runDebug,
};

function bool(name: string, usage: string): FlagSpec {
  return { name, type: 'bool', initial: 'false', usage };
}

async function runDebug(invocation: Invocation): Promise<Outcome<void>> {
  const request = await readDebugRequest(invocation);
  if (!request.ok) return request;
  const args = request.value.targets.map((target) => (target.includes('/') ? target : `pods/${target}`));
  const fetched = await fetchInfos(invocation, { args, selector: '' });
  if (!fetched.ok) return fetched;
  for (const info of fetched.value.infos) {
    const made = await debugOne(invocation, request.value, info);
    if (!made.ok) return made;
    const { pod, container } = made.value;
    if (!request.value.attach || container === '') continue;
    const attached = await attachToDebug(invocation, pod, container);
    if (!attached.ok) return attached;
  }
  const problem = joinFailures(fetched.value.failures);
  return problem === undefined ? ok(undefined) : { ok: false, error: problem };
}

function debugOne(
  invocation: Invocation,
  request: DebugRequest,
  { mapping, object }: ResourceInfo,
): Promise<Outcome<DebugPod>> | Outcome<DebugPod> {
  const { kind, group, version } = mapping;
  if (group === '' && kind === 'Node') return debugNode(invocation, request, object);
  if (group === '' && kind === 'Pod') {
    return invocation.flags.string('copy-to') === ''
      ? debugInPlace(invocation, request, { mapping, object })
      : debugCopy(invocation, request, object);
  }
  return failure(`${JSON.stringify(`${group}/${version}, Kind=${kind}`)} not supported by debug`);
}

async function debugNode(
  invocation: Invocation,
  request: DebugRequest,
  node: JsonObject,
): Promise<Outcome<DebugPod>> {
  const { pod, container } = nodeDebugPod(invocation, request, node);
  const created = await invocation.client.post(`/api/v1/namespaces/${invocation.namespace}/pods`, pod);
  return created.ok ? ok({ pod: created.value, container }) : created;
}

async function debugInPlace(
  invocation: Invocation,
  request: DebugRequest,
  { mapping, object }: Pick<ResourceInfo, 'mapping' | 'object'>,
): Promise<Outcome<DebugPod>> {
  const { pod, container } = withDebugContainer(invocation, request, object);
  warnOfUser(invocation, pod, container);
  const { patch, patchType } = createTwoWayPatch(mapping, object, pod);
  const path = resourcePath(
    mapping,
    stringAt(object, 'metadata', 'namespace'),
    stringAt(object, 'metadata', 'name'),
    'ephemeralcontainers',
  );
  const patched = await invocation.client.patch(path, patchType, patch);
  return patched.ok ? ok({ pod: patched.value, container }) : patched;
}

async function debugCopy(
  invocation: Invocation,
  request: DebugRequest,
  original: JsonObject,
): Promise<Outcome<DebugPod>> {
  const copy = copyForDebugging(invocation, request, original);
  if (!copy.ok) return copy;
  const { pod, container } = copy.value;
  if (container !== '') warnOfUser(invocation, pod, container);
  const path = `/api/v1/namespaces/${stringAt(original, 'metadata', 'namespace')}/pods`;
  const created = await invocation.client.post(path, pod);
  if (!created.ok) return created;
  if (invocation.flags.bool('replace')) {
    const options = { apiVersion: 'v1', gracePeriodSeconds: 0, kind: 'DeleteOptions' };
    const deleted = await invocation.client.delete(
      `${path}/${stringAt(original, 'metadata', 'name')}`,
      options,
    );
    if (!deleted.ok) return deleted;
  }
  return ok({ pod: created.value, container });
}

/** What a profile grants is of no use to a user that is not root. */
function warnOfUser(invocation: Invocation, pod: JsonObject, container: string): void {
  const spec = objectAt(pod, 'spec');
  const user = valueAt(spec, 'securityContext', 'runAsUser');
  if (user === undefined || user === 0) return;
  const debugged = [...objectsAt(spec, 'containers'), ...objectsAt(spec, 'ephemeralContainers')].find(
    (one) => one.name === container,
  );
  if (valueAt(debugged, 'securityContext', 'runAsUser') === 0) return;
  const isGranted =
    valueAt(debugged, 'securityContext', 'privileged') === true ||
    listAt(debugged, 'securityContext', 'capabilities', 'add').length > 0;
  if (!isGranted) return;
  invocation.err(
    'Warning: Non-root user is configured for the entire target Pod, and some capabilities granted by debug profile may not work. Please consider using "--custom" with a custom profile that specifies "securityContext.runAsUser: 0".\n',
  );
}

async function attachToDebug(
  invocation: Invocation,
  pod: JsonObject,
  container: string,
): Promise<Outcome<void>> {
  const named = {
    namespace: stringAt(pod, 'metadata', 'namespace'),
    name: stringAt(pod, 'metadata', 'name'),
  };
  const seen = new Set<string>();
  const started = await waitForPod(invocation, named, (one) => {
    const state = objectAt(statusOf(one, container), 'state');
    if (valueAt(state, 'running') !== undefined || valueAt(state, 'terminated') !== undefined) return true;
    const message = stringAt(state, 'waiting', 'message');
    if (message !== '' && !seen.has(message) && !invocation.flags.bool('quiet')) {
      seen.add(message);
      invocation.err(`Warning: container ${container}: ${message}\n`);
    }
    return false;
  });
  if (!started.ok) return started;
  // Until it is known here that the container runs, one that has little to do has ended.
  await invocation.host.waitUntil(() => false, answerMs);
  const now = await waitForPod(invocation, named, () => true);
  if (!now.ok) return now;
  if (valueAt(statusOf(now.value, container), 'state', 'terminated') !== undefined) {
    await showLogs(invocation, { ...named, container });
    return ok(undefined);
  }
  const attached = await attachTo(invocation, now.value, container);
  if (attached.ok || attached.error.kind === 'exit') return attached;
  invocation.err(
    `warning: couldn't attach to pod/${named.name}, falling back to streaming logs: ${messageOf(attached.error)}\n`,
  );
  await showLogs(invocation, { ...named, container });
  return ok(undefined);
}

function statusOf(pod: JsonObject, container: string): JsonObject | undefined {
  return ['initContainerStatuses', 'containerStatuses', 'ephemeralContainerStatuses']
    .flatMap((field) => objectsAt(pod, 'status', field))
    .find((status) => status.name === container);
}
