/**
 * Keeps what running containers see of ConfigMaps, Secrets and fields of their Pod as these are: a change of the Pod at
 * once, one of another object a minute later. What is mounted by subPath stays. Source: pkg/kubelet/volumemanager,
 * pkg/kubelet/kubelet.go (SyncFrequency). Differs: the original takes up to half a minute more, by chance.
 */
import type { Pod, PodSpec } from '../../api/types/kinds.ts';
import { configMaps, pods, secrets } from '../../api/types/resources.ts';
import { isJsonObject } from '../../base/json.ts';
import type { ObjectChange } from '../../client/client.ts';
import type { KubeletParts } from './parts.ts';
import { environmentSources } from './pod-sync.ts';
import type { PodRecord } from './state.ts';
import { filesBelow, volumeContent } from './volume-files.ts';

type Volume = NonNullable<PodSpec['volumes']>[number];

/** After how long a change shows. Source: kubelet configuration, syncFrequency. */
const syncFrequencyMs = 60_000;

/** Starts it for one node: registers its timer and listeners. */
export function refreshVolumes(parts: KubeletParts): void {
  const { context, node, processes, queue } = parts.deps;
  const kind = `kubelet/${node.name}/refresh`;

  queue.on(kind, (payload) => {
    const uid = isJsonObject(payload) && typeof payload.uid === 'string' ? payload.uid : '';
    const record = parts.state.pods.get(uid);
    if (record === undefined) return;
    record.refresh = undefined;
    const pod = context.informers.informer(pods).get(record.namespace, record.name);
    if (pod?.metadata.uid === uid) refresh(record, pod);
  });
  context.informers.informer(configMaps).onChange((change) => objectChanged('configMap', change));
  context.informers.informer(secrets).onChange((change) => objectChanged('secret', change));
  context.informers.informer(pods).onChange(({ before, after }) => {
    if (before === undefined || after?.spec?.nodeName !== node.name) return;
    const { labels, annotations } = before.metadata;
    if (labels === after.metadata.labels && annotations === after.metadata.annotations) return;
    const record = parts.state.pods.get(after.metadata.uid);
    if (record !== undefined && after.spec.volumes?.some(showsPod)) schedule(record, 0);
  });

  function objectChanged(source: 'configMap' | 'secret', { before, after }: ObjectChange<Named>): void {
    if (after === undefined || before?.data === after.data) return;
    for (const record of parts.state.pods.values()) {
      if (record.namespace !== after.metadata.namespace) continue;
      const isShown = record.pod.spec?.volumes?.some((volume) =>
        namesOf(volume, source).includes(after.metadata.name),
      );
      if (isShown) schedule(record, syncFrequencyMs);
    }
  }

  function schedule(record: PodRecord, delayMs: number): void {
    if (delayMs > 0 && record.refresh !== undefined) return;
    record.refresh = queue.schedule({
      kind,
      payload: { uid: record.uid },
      delayMs,
      background: delayMs > 0,
    });
  }

  function refresh(record: PodRecord, pod: Pod): void {
    const sources = environmentSources(parts, record);
    for (const volume of pod.spec?.volumes ?? []) {
      const rootfs = record.volumes.get(`${volume.name}/`);
      if (rootfs === undefined || !isShown(volume)) continue;
      const content = volumeContent(pod, volume, sources);
      if (content.ok) processes.replaceFiles(rootfs, filesBelow(content.files, ''));
    }
  }
}

interface Named {
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly data?: unknown;
}

function isShown(volume: Volume): boolean {
  return showsPod(volume) || namesOf(volume, 'configMap').length + namesOf(volume, 'secret').length > 0;
}

function showsPod(volume: Volume): boolean {
  return (
    volume.downwardAPI !== undefined ||
    (volume.projected?.sources?.some(({ downwardAPI }) => downwardAPI !== undefined) ?? false)
  );
}

/** The objects of one kind that a volume shows. */
function namesOf(volume: Volume, source: 'configMap' | 'secret'): readonly string[] {
  const own = source === 'configMap' ? volume.configMap?.name : volume.secret?.secretName;
  const projected = (volume.projected?.sources ?? []).flatMap((part) => part[source]?.name ?? []);
  return own === undefined ? projected : [own, ...projected];
}
