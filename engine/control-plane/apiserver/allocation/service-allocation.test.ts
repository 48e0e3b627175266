/**
 * Services through the door: what is allocated, kept, released and refused. Sources: pkg/registry/core/service/storage
 * (rest_test.go's cases, alloc.go), ipallocator and portallocator of release 1.36.
 */
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../base/json.ts';
import { objectAt, stringAt, stringsAt } from '../object-access.ts';
import { createTestDoor, type TestDoor } from '../testing/test-door.ts';

const services = '/api/v1/namespaces/default/services';

function service(name: string, spec: JsonObject = {}): JsonObject {
  return {
    kind: 'Service',
    apiVersion: 'v1',
    metadata: { name },
    spec: { selector: { app: 'web' }, ports: [{ port: 80 }], ...spec },
  };
}

const refusals: readonly { name: string; spec: JsonObject; want: string }[] = [
  {
    name: 'a clusterIP that is taken',
    spec: { clusterIP: '10.96.0.1' },
    want: 'Service "x" is invalid: spec.clusterIPs: Invalid value: ["10.96.0.1"]: failed to allocate IP 10.96.0.1: provided IP is already allocated',
  },
  {
    name: 'a clusterIP out of range',
    spec: { clusterIP: '10.0.0.1' },
    want: 'Service "x" is invalid: spec.clusterIPs: Invalid value: ["10.0.0.1"]: failed to allocate IP 10.0.0.1: the provided network does not match the current range',
  },
  {
    name: 'the address of the range itself',
    spec: { clusterIP: '10.96.0.0' },
    want: 'Service "x" is invalid: spec.clusterIPs: Invalid value: ["10.96.0.0"]: failed to allocate IP 10.96.0.0: the provided network does not match the current range',
  },
  {
    name: 'a nodePort out of range',
    spec: { type: 'NodePort', ports: [{ port: 80, nodePort: 8080 }] },
    want: 'Service "x" is invalid: spec.ports[0].nodePort: Invalid value: 8080: provided port is not in the valid range. The range of valid ports is 30000-32767',
  },
  {
    name: 'a nodePort that is taken',
    spec: { type: 'NodePort', ports: [{ port: 80, nodePort: 30_080 }] },
    want: 'Service "x" is invalid: spec.ports[0].nodePort: Invalid value: 30080: provided port is already allocated',
  },
  {
    name: 'dual stack where there is one family',
    spec: { ipFamilyPolicy: 'RequireDualStack' },
    want: 'Service "x" is invalid: spec.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for dual-stack services',
  },
  {
    name: 'a family that is not configured',
    spec: { ipFamilies: ['IPv6'] },
    want: 'Service "x" is invalid: spec.ipFamilies[0]: Invalid value: "IPv6": not configured on this cluster',
  },
];

describe('allocation refuses', () => {
  it.each(refusals)('$name', ({ spec, want }) => {
    const door = createTestDoor();
    door.post(services, service('other', { type: 'NodePort', ports: [{ port: 80, nodePort: 30_080 }] }));
    expect(door.post(services, service('x', spec))).toMatchObject({ code: 422, message: want });
    expect(door.get(`${services}/x`).code).toBe(404);
  });
});

describe('allocation', () => {
  it('gives an address from the upper band and writes every address field', () => {
    const created = createTestDoor().post(services, service('x'));
    const address = stringAt(created, 'spec', 'clusterIP');
    expect(address).toMatch(/^10\.96\./);
    expect(address).not.toMatch(/^10\.96\.0\./);
    expect(created).toMatchObject({
      spec: { clusterIPs: [address], ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack' },
    });
  });

  it('gives a headless Service without selector both families, and no address', () => {
    const created = createTestDoor().post(services, service('x', { clusterIP: 'None', selector: {} }));
    expect(created).toMatchObject({
      spec: {
        clusterIP: 'None',
        clusterIPs: ['None'],
        ipFamilies: ['IPv4', 'IPv6'],
        ipFamilyPolicy: 'RequireDualStack',
      },
    });
  });

  it('gives an ExternalName no address at all', () => {
    const created = createTestDoor().post(services, {
      ...service('x'),
      spec: { type: 'ExternalName', externalName: 'example.com' },
    });
    expect(objectAt(created, 'spec')).not.toHaveProperty('clusterIP');
    expect(objectAt(created, 'spec')).not.toHaveProperty('ipFamilies');
  });

  it('shares a node port between TCP and UDP of one port', () => {
    const ports = [
      { name: 'a', port: 53, protocol: 'TCP' },
      { name: 'b', port: 53, protocol: 'UDP' },
    ];
    const created = createTestDoor().post(services, service('x', { type: 'NodePort', ports }));
    const [tcp, udp] = nodePorts(created);
    expect(tcp).toBe(udp);
    expect(tcp).toBeGreaterThanOrEqual(30_086);
  });

  it('keeps address and node port through a PUT that names neither', () => {
    const door = createTestDoor();
    const created = door.post(services, service('x', { type: 'NodePort' }));
    const updated = door.put(`${services}/x`, service('x', { type: 'NodePort', ports: [{ port: 81 }] }));
    expect(nodePorts(updated)).toEqual(nodePorts(created));
    expect(stringAt(updated, 'spec', 'clusterIP')).toBe(stringAt(created, 'spec', 'clusterIP'));
  });

  it('releases the node port when the type changes and the address on deletion', () => {
    const door = createTestDoor();
    door.post(
      services,
      service('x', { type: 'NodePort', clusterIP: '10.96.0.20', ports: [{ port: 80, nodePort: 30_000 }] }),
    );
    const changed = door.patch(`${services}/x`, 'merge', { spec: { type: 'ClusterIP' } });
    expect(nodePorts(changed)).toEqual([undefined]);
    expect(
      door.post(services, service('y', { type: 'NodePort', ports: [{ port: 80, nodePort: 30_000 }] })).kind,
    ).toBe('Service');
    door.delete(`${services}/x`);
    expect(door.post(services, service('z', { clusterIP: '10.96.0.20' })).kind).toBe('Service');
  });

  it('refuses to change an address', () => {
    const door = createTestDoor();
    door.post(services, service('x', { clusterIP: '10.96.0.20' }));
    expect(door.patch(`${services}/x`, 'merge', { spec: { clusterIP: '10.96.0.21' } })).toMatchObject({
      code: 422,
      message:
        'Service "x" is invalid: spec.clusterIPs[0]: Invalid value: ["10.96.0.21"]: may not change once set',
    });
  });

  it('gives a LoadBalancer with local traffic a port for health checks', () => {
    const door = createTestDoor();
    const created = door.post(
      services,
      service('x', { type: 'LoadBalancer', externalTrafficPolicy: 'Local' }),
    );
    const port = objectAt(created, 'spec').healthCheckNodePort;
    expect(port).toBeGreaterThanOrEqual(30_086);
    expect(nodePorts(created)).not.toContain(port);
  });

  it('takes nothing in a dry run', () => {
    const door = createTestDoor();
    const send = (): JsonObject =>
      door.body({
        method: 'POST',
        path: services,
        query: [['dryRun', 'All']],
        body: service('x', { clusterIP: '10.96.0.20' }),
      });
    expect(send().kind).toBe('Service');
    expect(send().kind).toBe('Service');
    expect(door.get(`${services}/x`).code).toBe(404);
  });

  it('makes the same choices for the same seed', () => {
    const choose = (door: TestDoor): readonly string[] =>
      ['a', 'b', 'c'].flatMap((name) => stringsAt(door.post(services, service(name)), 'spec', 'clusterIPs'));
    expect(choose(createTestDoor())).toEqual(choose(createTestDoor()));
  });
});

function nodePorts(object: JsonObject): readonly (number | undefined)[] {
  const { ports } = objectAt(object, 'spec');
  if (!Array.isArray(ports)) return [];
  return ports.map((port: JsonObject) => (typeof port.nodePort === 'number' ? port.nodePort : undefined));
}
