/**
 * Logs, exec, attach and port-forward: the server finds the Pod's node and container and hands the request on to the
 * kubelet. Source: pkg/registry/core/pod/strategy.go (LogLocation, streamLocation, validateContainer).
 */
import type { NodeConnection } from '../../api/node-connection.ts';
import type { PortForwardResponse, SessionResponse, TextResponse } from '../../api/request.ts';
import type { JsonObject } from '../../base/json.ts';
import { err, ok } from '../../base/result.ts';
import type { StoredObject } from '../store/store.ts';
import { readLogOptions } from './log-options.ts';
import { objectsAt, stringAt } from './object-access.ts';
import { badRequest, internalError, notFound, type Outcome, plainError } from './refusals.ts';
import { type Call, isQueryTrue, queryValue, storedObject } from './server-context.ts';

interface Destination {
  readonly node: NodeConnection;
  readonly container: string;
}

/** GET pods/NAME/log. */
export function readLogs(call: Call): Outcome<TextResponse> {
  const pod = storedObject(call);
  if (pod === undefined) return err(notFound(call.kind, call.name));
  const asked = readLogOptions(call);
  if (!asked.ok) return asked;
  const destination = findDestination(call, pod);
  if (!destination.ok) return destination;
  if (destination.value === undefined)
    return ok({ type: 'text', code: 200, warnings: call.warnings, body: '' });
  const { node, container } = destination.value;
  const answer = node.logs(call.namespace, call.name, { ...asked.value, container });
  if (!answer.ok) return err(nodeRefusal(answer.error));
  const { text, more } = answer.value;
  return ok({
    type: 'text',
    code: 200,
    warnings: call.warnings,
    body: text,
    ...(more === undefined ? {} : { more }),
  });
}

/** pods/NAME/exec and pods/NAME/attach. */
export function openSession(call: Call, verb: 'exec' | 'attach'): Outcome<SessionResponse> {
  const { request } = call;
  const pod = storedObject(call);
  if (pod === undefined) return err(notFound(call.kind, call.name));
  const command = (request.query ?? []).filter(([name]) => name === 'command').map(([, value]) => value);
  const destination = findDestination(call, pod);
  if (!destination.ok) return destination;
  if (destination.value === undefined) {
    return err(badRequest(`pod ${call.name} does not have a host assigned`));
  }
  const { node, container } = destination.value;
  const streams = { container, stdin: isQueryTrue(request, 'stdin'), tty: isQueryTrue(request, 'tty') };
  const session =
    verb === 'exec'
      ? node.exec(call.namespace, call.name, { ...streams, command })
      : node.attach(call.namespace, call.name, streams);
  if (!session.ok) return err(nodeRefusal(session.error));
  return ok({ type: 'session', code: 101, warnings: call.warnings, session: session.value });
}

/** pods/NAME/portforward. Source: PortForwardLocation. */
export function openPortForward(call: Call): Outcome<PortForwardResponse> {
  const pod = storedObject(call);
  if (pod === undefined) return err(notFound(call.kind, call.name));
  const node = findNode(call, pod);
  if (!node.ok) return node;
  if (node.value === undefined) return err(badRequest(`pod ${call.name} does not have a host assigned`));
  const forward = node.value.portForward(call.namespace, call.name);
  if (!forward.ok) return err(nodeRefusal(forward.error));
  return ok({ type: 'port-forward', code: 101, warnings: call.warnings, portForward: forward.value });
}

/** The kubelet and container that a request is for; undefined while the Pod has no node. */
function findDestination(call: Call, pod: StoredObject): Outcome<Destination | undefined> {
  const container = chooseContainer(call, pod);
  if (!container.ok) return container;
  const node = findNode(call, pod);
  if (!node.ok) return node;
  return ok(node.value === undefined ? undefined : { node: node.value, container: container.value });
}

function findNode(call: Call, pod: StoredObject): Outcome<NodeConnection | undefined> {
  const nodeName = stringAt(pod, 'spec', 'nodeName');
  if (nodeName === '') return ok(undefined);
  const node = call.server.nodeConnection(nodeName);
  return node === undefined ? err(internalError(`dial tcp: lookup ${nodeName}: no such host`)) : ok(node);
}

function chooseContainer(call: Call, pod: JsonObject): Outcome<string> {
  const wanted = queryValue(call.request, 'container') ?? '';
  const names = ['initContainers', 'containers', 'ephemeralContainers'].flatMap((list) =>
    objectsAt(pod, 'spec', list).map((container) => stringAt(container, 'name')),
  );
  if (wanted !== '') {
    if (names.includes(wanted)) return ok(wanted);
    return err(badRequest(`container ${wanted} is not valid for pod ${call.name}`));
  }
  const [only, another] = objectsAt(pod, 'spec', 'containers');
  if (only !== undefined && another === undefined) return ok(stringAt(only, 'name'));
  return err(
    badRequest(
      `a container name must be specified for pod ${call.name}, choose one of: [${names.join(' ')}]`,
    ),
  );
}

function nodeRefusal(refusal: { readonly code: 400 | 404 | 500; readonly message: string }) {
  if (refusal.code === 400) return badRequest(refusal.message);
  return refusal.code === 500 ? internalError(refusal.message) : plainError(refusal.code, refusal.message);
}
