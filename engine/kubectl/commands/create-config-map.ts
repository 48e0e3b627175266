/** `kubectl create configmap`. */
import { checkConfigMapKey } from '../../api/validation/names.ts';
import type { JsonObject } from '../../base/json.ts';
import { ok } from '../../base/result.ts';
import { withHash } from '../manifest/content-hash.ts';
import { createSubcommand, metadataOf, namespacedPath } from './create-object.ts';
import { type DataTarget, dataFlags, readData } from './data-sources.ts';

export const createConfigMapCommand = createSubcommand({
  name: 'configmap',
  usage: 'NAME [--from-file=[key=]source] [--from-literal=key1=value1] [--dry-run=server|client|none]',
  short: 'Create a config map from a local file, directory or literal value',
  aliases: ['cm'],
  flags: dataFlags,
  generate: async (invocation, name) => {
    const data = await readData(invocation, targetOf(name));
    if (!data.ok) return data;
    const entries: JsonObject = Object.fromEntries(data.value);
    const fullName = invocation.flags.bool('append-hash')
      ? withHash(name, { data: entries, kind: 'ConfigMap', name })
      : name;
    return ok({
      object: {
        apiVersion: 'v1',
        ...(data.value.size === 0 ? {} : { data: entries }),
        kind: 'ConfigMap',
        metadata: metadataOf(invocation, fullName),
      },
      path: namespacedPath(invocation, '/api/v1', 'configmaps'),
      refusal: 'failed to create configmap: ',
    });
  },
});

function targetOf(name: string): DataTarget {
  return {
    order: ['files', 'literals'],
    folderAsEnvFile: 'env config file cannot be a directory',
    keyProblem: (key, isTaken) => {
      const problems = checkConfigMapKey(key);
      if (problems.length > 0)
        return `${JSON.stringify(key)} is not a valid key name for a ConfigMap: ${problems.join(',')}`;
      if (!isTaken) return undefined;
      return `cannot add key ${JSON.stringify(key)}, another key by that name already exists in Data for ConfigMap ${JSON.stringify(name)}`;
    },
  };
}
