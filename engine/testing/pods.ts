/** Pods in tests: one named `web` in namespace default unless a test says otherwise. */
import type { Pod } from '../api/types/kinds.ts';
import { pods } from '../api/types/resources.ts';
import type { JsonObject } from '../base/json.ts';
import type { TestWorld } from './world.ts';

/** Creates a Pod; it is not settled. */
export function createPod(world: TestWorld, spec: JsonObject, name = 'web', labels: JsonObject = {}): void {
  world.create(pods, 'default', {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels },
    spec,
  });
}

/** The Pod as the API server has it. */
export function getPod(world: TestWorld, name = 'web'): Pod {
  const answer = world.client.get(pods, 'default', name);
  if (!answer.ok) throw new Error(answer.error.message);
  return answer.value;
}

/** What a container of `web` printed, or why there is no log. */
export function logs(world: TestWorld, container: string, previous = false): string {
  const node = getPod(world).spec?.nodeName ?? '';
  const options = { container, previous, follow: false, timestamps: false };
  const answer = world.kubelets.get(node)?.connection.logs('default', 'web', options);
  return answer?.ok ? answer.value.text : (answer?.error.message ?? 'no node');
}

/** A container that runs one of the test image's programs. */
export const box = (name: string, command: readonly string[], more: JsonObject = {}): JsonObject => ({
  name,
  image: 'box',
  command,
  ...more,
});
