/** Reading and writing the kubeconfig files that a `kubectl config` command works on. */
import { ok } from '../../base/result.ts';
import {
  formatKubeconfig,
  type Kubeconfig,
  type KubeconfigFile,
  mergeKubeconfigs,
} from '../config/kubeconfig.ts';
import type { Outcome } from '../failure.ts';
import type { Invocation } from '../invocation.ts';

/** All files as one; a file that isn't there counts as an empty one. */
export async function mergedConfig(invocation: Invocation): Promise<Outcome<Kubeconfig>> {
  const files = await invocation.kubeconfigFiles();
  return files.ok ? ok(mergeKubeconfigs(files.value)) : files;
}

/** Writes a file anew. */
export async function saveFile(
  invocation: Invocation,
  file: KubeconfigFile,
  config: Kubeconfig,
): Promise<void> {
  await invocation.host.writeFile(file.path, formatKubeconfig(config));
}
