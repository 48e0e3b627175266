/**
 * The container runtime's answers to crictl, as the CRI's messages in JSON.
 * Source: cri-api/pkg/apis/runtime/v1/api.proto; containerd's internal/cri/server.
 */
import { isJsonObject, type JsonObject, type JsonValue } from '../../base/json.ts';
import { containerLog } from './container-log.ts';
import { actOnCri } from './cri-actions.ts';
import { findById } from './find-by-id.ts';
import type { KubeletParts } from './parts.ts';
import type { ContainerState, SandboxState } from './state.ts';

/**
 * Answers `{call: 'pods' | 'containers' | 'images' | 'inspect' | 'inspectp' | 'logs', …}` and what cri-actions.ts does; null
 * when it is not found.
 */
export function answerCri(parts: KubeletParts, question: JsonValue): JsonValue {
  if (!isJsonObject(question)) return null;
  const { runtime } = parts;
  switch (question.call) {
    case 'pods':
      return runtime.sandboxes().map((sandbox) => sandboxSummary(sandbox));
    case 'containers':
      return runtime.containers().map((container) => containerSummary(parts, container));
    case 'images':
      return runtime.images().map((reference) => imageSummary(parts, reference));
    case 'inspectp': {
      const sandbox = findById(runtime.sandboxes(), question.id);
      return sandbox === undefined ? null : inspectSandbox(sandbox);
    }
    case 'inspect': {
      const container = findById(runtime.containers(), question.id);
      return container === undefined ? null : inspectContainer(parts, container);
    }
    case 'logs': {
      const container = findById(runtime.containers(), question.id);
      if (container === undefined) return null;
      const tail = typeof question.tail === 'number' ? { tailLines: question.tail } : {};
      const chunks = container.pid === undefined ? [] : parts.deps.processes.readLog(container.pid);
      return containerLog(
        chunks,
        { timestamps: question.timestamps === true, ...tail },
        parts.deps.queue.now(),
      );
    }
    default:
      return actOnCri(parts, question);
  }
}

function nanoseconds(ms: number): string {
  return `${ms}000000`;
}

function sandboxSummary(sandbox: SandboxState): JsonObject {
  return {
    id: sandbox.id,
    metadata: {
      name: sandbox.name,
      uid: sandbox.uid,
      namespace: sandbox.namespace,
      attempt: sandbox.attempt,
    },
    state: sandbox.isReady ? 'SANDBOX_READY' : 'SANDBOX_NOTREADY',
    createdAt: nanoseconds(sandbox.createdMs),
    labels: podLabels(sandbox),
    annotations: {},
    runtimeHandler: '',
  };
}

function containerSummary(parts: KubeletParts, container: ContainerState): JsonObject {
  const sandbox = parts.runtime.sandboxes().find(({ id }) => id === container.sandboxId);
  return {
    id: container.id,
    podSandboxId: container.sandboxId,
    metadata: { name: container.name, attempt: container.attempt },
    image: { image: container.imageId, annotations: {} },
    imageRef: container.imageId,
    state: containerState(container),
    createdAt: nanoseconds(container.createdMs),
    labels: {
      ...(sandbox === undefined ? {} : podLabels(sandbox)),
      'io.kubernetes.container.name': container.name,
    },
    annotations: {},
  };
}

function imageSummary(parts: KubeletParts, reference: string): JsonObject {
  const image = parts.deps.images.find(reference);
  const [repository = ''] = reference.split(/:(?=[^/:]*$)/);
  return {
    id: image?.id ?? '',
    repoTags: [reference],
    repoDigests: [`${repository}@${image?.id ?? ''}`],
    size: String(image?.sizeBytes ?? 0),
    uid: null,
    username: '',
    pinned: false,
  };
}

function inspectSandbox(sandbox: SandboxState): JsonObject {
  return {
    status: {
      id: sandbox.id,
      metadata: {
        attempt: sandbox.attempt,
        name: sandbox.name,
        namespace: sandbox.namespace,
        uid: sandbox.uid,
      },
      state: sandbox.isReady ? 'SANDBOX_READY' : 'SANDBOX_NOTREADY',
      createdAt: new Date(sandbox.createdMs).toISOString(),
      network: { additionalIps: [], ip: sandbox.hostNetwork ? '' : sandbox.address },
      linux: {
        namespaces: {
          options: {
            ipc: 'POD',
            network: sandbox.hostNetwork ? 'NODE' : 'POD',
            pid: 'CONTAINER',
            targetId: '',
          },
        },
      },
      labels: podLabels(sandbox),
      annotations: {},
      runtimeHandler: '',
    },
    info: {
      pid: sandbox.pid ?? 0,
      image: 'registry.k8s.io/pause:3.10.1',
      runtimeSpec: { linux: { namespaces: sandboxNamespaces(sandbox) } },
    },
  };
}

/** Host network means that the sandbox has no network namespace of its own. */
function sandboxNamespaces(sandbox: SandboxState): JsonObject[] {
  const path = sandbox.netns.split('/').at(-1) ?? '';
  return [
    { type: 'pid' },
    { type: 'ipc' },
    { type: 'uts' },
    { type: 'mount' },
    ...(sandbox.hostNetwork ? [] : [{ type: 'network', path: `/var/run/netns/${path}` }]),
  ];
}

function inspectContainer(parts: KubeletParts, container: ContainerState): JsonObject {
  const sandbox = parts.runtime.sandboxes().find(({ id }) => id === container.sandboxId);
  const time = (ms: number) => (ms === 0 ? '1970-01-01T00:00:00Z' : new Date(ms).toISOString());
  return {
    status: {
      id: container.id,
      metadata: { attempt: container.attempt, name: container.name },
      state: containerState(container),
      createdAt: time(container.createdMs),
      startedAt: time(container.startedMs),
      finishedAt: time(container.finishedMs),
      exitCode: container.exitCode,
      reason: container.reason,
      message: container.message,
      image: { annotations: {}, image: container.image },
      imageRef: container.imageId,
      labels: {
        ...(sandbox === undefined ? {} : podLabels(sandbox)),
        'io.kubernetes.container.name': container.name,
      },
      annotations: {},
    },
    info: {
      sandboxID: container.sandboxId,
      pid: container.pid ?? 0,
      runtimeSpec: {
        process: {
          args: container.argv,
          env: [...container.env].map(([name, value]) => `${name}=${value}`),
          cwd: container.workingDirectory,
        },
        hostname: sandbox?.hostname ?? '',
        linux: {
          namespaces: [
            { type: 'pid' },
            { type: 'ipc', path: `/proc/${sandbox?.pid ?? 0}/ns/ipc` },
            { type: 'uts', path: `/proc/${sandbox?.pid ?? 0}/ns/uts` },
            { type: 'mount' },
            { type: 'network', path: `/proc/${sandbox?.pid ?? 0}/ns/net` },
          ],
        },
      },
    },
  };
}

function containerState(container: ContainerState): string {
  if (container.state === 'created') return 'CONTAINER_CREATED';
  return container.state === 'running' ? 'CONTAINER_RUNNING' : 'CONTAINER_EXITED';
}

function podLabels(sandbox: SandboxState): JsonObject {
  return {
    'io.kubernetes.pod.name': sandbox.name,
    'io.kubernetes.pod.namespace': sandbox.namespace,
    'io.kubernetes.pod.uid': sandbox.uid,
  };
}
