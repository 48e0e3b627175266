/**
 * Gateway API as a cluster gets it: its CustomResourceDefinitions, of one named release. A controller that acts on its
 * objects is installed apart. Left out: the release's admission policy against downgrades, and the descriptions of fields.
 */
import { customResourceDefinitions } from '../../api/custom/definition.ts';
import { readBuildFile } from '../../api/schema/build-file.ts';
import { deepFreeze, isJsonObject, type JsonObject } from '../../base/json.ts';
import { invariant } from '../../base/result.ts';
import type { Client } from '../../client/client.ts';

/** The definitions of a release. */
export interface GatewayApi {
  /** `v1.5.1` */
  readonly release: string;
  readonly definitions: readonly JsonObject[];
}

// The file never changes while the program runs.
let loaded: GatewayApi | undefined;

/**
 * The release's standard channel, read on the first call.
 *
 * @throws BuildFileMissingError when the project was not built.
 */
export function loadGatewayApi(): GatewayApi {
  loaded ??= readGatewayApi();
  return loaded;
}

function readGatewayApi(): GatewayApi {
  const file = readBuildFile('gateway-api.json');
  invariant(isJsonObject(file) && Array.isArray(file.definitions), 'gateway-api.json has definitions');
  return deepFreeze({ release: String(file.release), definitions: file.definitions.filter(isJsonObject) });
}

/**
 * Creates the definitions, as `kubectl apply` of the release's file does; they are served once the cluster has settled. Those
 * that are there stay as they are.
 */
export function installGatewayApi(client: Client): void {
  for (const definition of loadGatewayApi().definitions) {
    const answer = client.create(customResourceDefinitions, '', definition);
    const isThere = answer.ok || answer.error.reason === 'AlreadyExists';
    invariant(isThere, `Gateway API cannot be installed: ${JSON.stringify(answer)}`);
  }
}
