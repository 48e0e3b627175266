/**
 * Gateway API's definitions in a cluster. fixtures/gateway-api.json holds what kube-apiserver v1.36.0 answered to good and bad
 * objects with the same definitions installed.
 */
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { number, struct, structs, text, texts } from '../../api/read.ts';
import { isJsonObject, type JsonObject } from '../../base/json.ts';
import { type Cluster, createCluster } from '../../cluster.ts';
import { loadGatewayApi } from './gateway-api.ts';

const parsed: unknown = JSON.parse(
  readFileSync(new URL('./fixtures/gateway-api.json', import.meta.url), 'utf8'),
);
const cases = structs(isJsonObject(parsed) ? parsed : {}, 'cases').map((one): [string, JsonObject] => [
  text(one, 'name'),
  one,
]);

function problemsOf(status: JsonObject): readonly string[] {
  const causes = structs(struct(status, 'details'), 'causes');
  if (causes.length === 0) return [text(status, 'message')];
  return causes
    .map((cause) => `${text(cause, 'reason')} ${text(cause, 'field')}: ${text(cause, 'message')}`)
    .sort();
}

describe('Gateway API', () => {
  let cluster: Cluster;

  beforeAll(() => {
    cluster = createCluster({ seed: 'gateway-api', addons: ['gateway-api'] });
  });

  it('is not there before it is installed', () => {
    const bare = createCluster({ seed: 'gateway-api' });
    const answer = bare.request({ method: 'GET', path: '/apis/gateway.networking.k8s.io/v1/httproutes' });
    expect(answer.type === 'text' ? answer.code : answer).toBe(404);
  });

  it('is of the standard channel of one release', () => {
    const { release, definitions } = loadGatewayApi();
    expect(release).toBe('v1.5.1');
    expect(definitions.map((definition) => text(struct(definition, 'metadata'), 'name'))).toEqual([
      'backendtlspolicies.gateway.networking.k8s.io',
      'gatewayclasses.gateway.networking.k8s.io',
      'gateways.gateway.networking.k8s.io',
      'grpcroutes.gateway.networking.k8s.io',
      'httproutes.gateway.networking.k8s.io',
      'listenersets.gateway.networking.k8s.io',
      'referencegrants.gateway.networking.k8s.io',
      'tlsroutes.gateway.networking.k8s.io',
    ]);
  });

  it.each(cases)('answers as the real server: %s', (_name, one) => {
    const want = struct(one, 'want');
    const answer = cluster.request({
      method: 'POST',
      path: text(one, 'path'),
      query: [['dryRun', 'All']],
      body: struct(one, 'object'),
    });
    if (answer.type !== 'object') throw new Error('no object');
    const details = { causes: want.causes ?? null };
    expect({
      code: answer.code,
      warnings: answer.warnings,
      ...(answer.code === 201
        ? { spec: answer.body.spec, status: answer.body.status ?? null }
        : { problems: problemsOf(answer.body) }),
    }).toEqual({
      code: number(want, 'code'),
      warnings: texts(want, 'warnings'),
      ...(want.code === 201
        ? { spec: want.spec, status: want.status ?? null }
        : { problems: problemsOf({ message: want.message ?? '', details }) }),
    });
  });
});
