/** Definitions and their objects in a whole cluster, through kubectl: what the controllers do with them. */
import { describe, expect, it } from 'vitest';
import { struct, structs, text } from '../api/read.ts';
import type { JsonObject } from '../base/json.ts';
import { type Cluster, createCluster } from '../cluster.ts';

const definition = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: crontabs.stable.example.com
spec:
  group: stable.example.com
  scope: Namespaced
  names: { plural: crontabs, singular: crontab, kind: CronTab, shortNames: [ct], categories: [all] }
  versions:
    - name: v1
      served: true
      storage: true
      additionalPrinterColumns:
        - { name: Spec, type: string, jsonPath: .spec.cronSpec }
        - { name: Replicas, type: integer, jsonPath: .spec.replicas }
        - { name: Age, type: date, jsonPath: .metadata.creationTimestamp }
      schema:
        openAPIV3Schema:
          description: A line of a crontab.
          type: object
          required: [spec]
          properties:
            spec:
              type: object
              required: [cronSpec]
              properties:
                cronSpec: { type: string, description: When it runs. }
                replicas: { type: integer, minimum: 1, default: 1 }
`;
const tab = `apiVersion: stable.example.com/v1
kind: CronTab
metadata: { name: nightly }
spec: { cronSpec: "0 3 * * *" }
`;

async function run(cluster: Cluster, files: Readonly<Record<string, string>>, ...lines: readonly string[]) {
  const shell = await cluster.openShell({ files: new Map(Object.entries(files)) });
  const outputs: string[] = [];
  for (const line of lines) {
    const { stdout, stderr } = await shell.run(line);
    outputs.push(`${stdout}${stderr}`);
    cluster.settle();
  }
  return outputs;
}

function conditionsOf(cluster: Cluster, name: string): readonly JsonObject[] {
  const path = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${name}`;
  const answer = cluster.request({ method: 'GET', path });
  if (answer.type !== 'object') throw new Error('no object');
  return structs(struct(answer.body, 'status'), 'conditions');
}

describe('a custom resource in a cluster', () => {
  it('is served, shown, explained and deleted with its definition', async () => {
    const cluster = createCluster({ seed: 'custom' });
    const files = { '/crd.yaml': definition, '/tab.yaml': tab };
    const outputs = await run(
      cluster,
      files,
      'kubectl apply -f /crd.yaml',
      'kubectl apply -f /tab.yaml',
      'kubectl get ct',
      'kubectl get crontabs.stable.example.com nightly -o jsonpath={.spec.replicas}',
      'kubectl patch crontab nightly --type=merge -p \'{"spec":{"replicas":0}}\'',
      'kubectl api-resources --api-group=stable.example.com',
      'kubectl explain crontab.spec.cronSpec',
      'kubectl delete crd crontabs.stable.example.com',
      'kubectl get ct',
    );
    expect(outputs).toEqual([
      'customresourcedefinition.apiextensions.k8s.io/crontabs.stable.example.com created\n',
      'crontab.stable.example.com/nightly created\n',
      'NAME      SPEC        REPLICAS   AGE\nnightly   0 3 * * *   1          0s\n',
      '1',
      'The CronTab "nightly" is invalid: spec.replicas: Invalid value: 0: spec.replicas in body should be greater than or equal to 1\n',
      'NAME       SHORTNAMES   APIVERSION              NAMESPACED   KIND\ncrontabs   ct           stable.example.com/v1   true         CronTab\n',
      'GROUP:      stable.example.com\nKIND:       CronTab\nVERSION:    v1\n\nFIELD: cronSpec <string>\n\n\nDESCRIPTION:\n    When it runs.\n    \n\n',
      'customresourcedefinition.apiextensions.k8s.io "crontabs.stable.example.com" deleted\n',
      'error: the server doesn\'t have a resource type "ct"\n',
    ]);
  });

  it('goes with its namespace and with its owner', async () => {
    const cluster = createCluster({ seed: 'owned' });
    const owned = `${tab.replace('nightly }', 'owned, ownerReferences: [{ apiVersion: v1, kind: ConfigMap, name: owner, uid: UID }] }')}`;
    const files = { '/crd.yaml': definition, '/tab.yaml': tab, '/owned.yaml': owned };
    const outputs = await run(
      cluster,
      files,
      'kubectl apply -f /crd.yaml',
      'kubectl create namespace shop',
      'kubectl apply -n shop -f /tab.yaml',
      'kubectl create configmap owner',
      'sed "s/UID/$(kubectl get cm owner -o jsonpath=\'{.metadata.uid}\')/" /owned.yaml | kubectl apply -f -',
      'kubectl delete configmap owner',
      'kubectl delete namespace shop',
      'kubectl get ct -A',
    );
    expect(outputs.at(-1)).toBe('No resources found\n');
  });

  it('does not take the names of another', async () => {
    const cluster = createCluster({ seed: 'names' });
    const other = definition
      .replaceAll('crontabs', 'crontabs2')
      .replace('singular: crontab,', 'singular: crontab2,');
    await run(
      cluster,
      { '/a.yaml': definition, '/b.yaml': other },
      'kubectl apply -f /a.yaml',
      'kubectl apply -f /b.yaml',
    );
    const shown = conditionsOf(cluster, 'crontabs2.stable.example.com').map(
      (condition) =>
        `${text(condition, 'type')}=${text(condition, 'status')} ${text(condition, 'reason')}: ${text(condition, 'message')}`,
    );
    expect(shown).toEqual([
      'NamesAccepted=False ListKindConflict: "CronTabList" is already in use',
      'Established=False NotAccepted: not all names are accepted',
    ]);
  });

  it('is the same in a fork', async () => {
    const cluster = createCluster({ seed: 'fork' });
    await run(cluster, { '/crd.yaml': definition, '/tab.yaml': tab }, 'kubectl apply -f /crd.yaml');
    const fork = cluster.fork();
    const [created] = await run(fork, { '/tab.yaml': tab }, 'kubectl apply -f /tab.yaml');
    const [there] = await run(cluster, {}, 'kubectl get ct');
    expect([created, there]).toEqual([
      'crontab.stable.example.com/nightly created\n',
      'No resources found in default namespace.\n',
    ]);
  });
});
