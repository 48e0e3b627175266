/** systemctl on a node. Source: systemctl(1): the exit codes of is-active and status, and the words for units that are not there. */
import { describe, expect, it } from 'vitest';
import { createCluster } from '../cluster.ts';

describe('systemctl', () => {
  it.each([
    { line: 'is-active kubelet', stdout: 'active\n', exitCode: 0 },
    { line: 'is-active nginx', stdout: 'inactive\n', exitCode: 4 },
    {
      line: 'stop nginx',
      stderr: 'Failed to stop nginx.service: Unit nginx.service not loaded.\n',
      exitCode: 5,
    },
    { line: 'status nginx', stderr: 'Unit nginx.service could not be found.\n', exitCode: 4 },
    { line: 'dance kubelet', stderr: "Unknown command verb 'dance'.\n", exitCode: 1 },
  ])('$line', ({ line, stdout = '', stderr = '', exitCode }) => {
    const cluster = createCluster({ seed: 'systemctl' });
    const ran = cluster.run({ kind: 'node', name: 'worker-1' }, ['systemctl', ...line.split(' ')]);
    expect({ stdout: ran.stdout, stderr: ran.stderr, exitCode: ran.exitCode }).toEqual({
      stdout,
      stderr,
      exitCode,
    });
  });
});
