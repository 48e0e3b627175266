/**
 * The Node as kubeadm and the kubelet make it. Source: a cluster made by kind; pkg/kubelet/kubelet_node_status.go.
 * Left out: images in the status, renewal of the lease, pressure.
 */
import { kubernetesVersion } from '../../api/version.ts';
import type { JsonObject } from '../../base/json.ts';
import type { NodeFacts } from './parts.ts';

const controlPlaneLabels = {
  'node-role.kubernetes.io/control-plane': '',
  'node.kubernetes.io/exclude-from-external-load-balancers': '',
};

const resources = {
  cpu: '4',
  'ephemeral-storage': '103079200Ki',
  'hugepages-1Gi': '0',
  'hugepages-2Mi': '0',
  memory: '8131536Ki',
  pods: '110',
};

/** The node to be registered, ready at once. */
export function nodeObject(node: NodeFacts, now: string): JsonObject {
  const condition = (type: string, status: string, reason: string, message: string) => ({
    type,
    status,
    lastHeartbeatTime: now,
    lastTransitionTime: now,
    reason,
    message,
  });
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: node.name,
      labels: {
        'beta.kubernetes.io/arch': 'amd64',
        'beta.kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
        'kubernetes.io/hostname': node.name,
        'kubernetes.io/os': 'linux',
        ...(node.isControlPlane ? controlPlaneLabels : {}),
      },
      annotations: {
        'node.alpha.kubernetes.io/ttl': '0',
        'volumes.kubernetes.io/controller-managed-attach-detach': 'true',
      },
    },
    spec: {
      podCIDR: node.podCIDR,
      podCIDRs: [node.podCIDR],
      providerID: `kind://docker/kubedrill/${node.name}`,
      ...(node.isControlPlane
        ? { taints: [{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }] }
        : {}),
    },
    status: {
      addresses: [
        { type: 'InternalIP', address: node.address },
        { type: 'Hostname', address: node.name },
      ],
      capacity: resources,
      allocatable: resources,
      conditions: [
        condition(
          'MemoryPressure',
          'False',
          'KubeletHasSufficientMemory',
          'kubelet has sufficient memory available',
        ),
        condition('DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'),
        condition('PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'),
        condition('Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'),
      ],
      daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
      nodeInfo: {
        architecture: 'amd64',
        bootID: identifier(node.name, 'boot'),
        containerRuntimeVersion: 'containerd://2.2.0',
        kernelVersion: '6.8.0-71-generic',
        kubeProxyVersion: '',
        kubeletVersion: kubernetesVersion.gitVersion,
        machineID: identifier(node.name, 'machine').replaceAll('-', ''),
        operatingSystem: 'linux',
        osImage: 'Debian GNU/Linux 13 (trixie)',
        systemUUID: identifier(node.name, 'system'),
      },
    },
  };
}

/** Shaped as a UUID, and the same for a node of this name in every cluster. */
function identifier(node: string, what: string): string {
  let hash = 0x811c9dc5;
  let digits = '';
  for (let round = 0; digits.length < 32; round += 1) {
    for (const char of `${node}/${what}/${round}`)
      hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193);
    digits += (hash >>> 0).toString(16).padStart(8, '0');
  }
  return [0, 8, 12, 16, 20].map((from, index) => digits.slice(from, [8, 12, 16, 20, 32][index])).join('-');
}
