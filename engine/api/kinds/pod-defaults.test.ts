import { expect, it } from 'vitest';
import { deepFreeze } from '../../base/json.ts';
import { defaultPod } from './pod-defaults.ts';

const written = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web' },
  spec: {
    serviceAccountName: 'default',
    initContainers: [{ name: 'wait', image: 'busybox', resources: { limits: { memory: '64Mi' } } }],
    containers: [
      {
        name: 'web',
        image: 'nginx:1.29',
        ports: [{ containerPort: 80 }],
        env: [{ name: 'NODE', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } }],
        readinessProbe: { httpGet: { port: 80 } },
        resources: { limits: { memory: '170Mi' }, requests: { cpu: '0.0001', memory: '70Mi' } },
      },
    ],
    volumes: [{ name: 'data' }, { name: 'settings', configMap: { name: 'settings' } }],
    topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' }],
  },
};

it('gives a Pod that has all its defaults back as the very same object', () => {
  const whole = deepFreeze(defaultPod(written));
  expect(whole).not.toEqual(written);
  expect(defaultPod(whole)).toBe(whole);
});
