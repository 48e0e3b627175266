import { expect, it } from 'vitest';
import type { KubectlHost } from '../host.ts';
import { runKubectl } from '../kubectl.ts';
import fixture from './fixtures/config-1.36.6.json' with { type: 'json' };

// Source: recorded from the real kubectl v1.36.6, line after line on one file; the file after each line is part of it.
it('keeps a kubeconfig as kubectl 1.36.6 keeps it', async () => {
  let file = fixture.start;
  for (const { line, file: fileAfter, ...want } of fixture.steps) {
    const printed = { stdout: '', stderr: '' };
    const host: KubectlHost = {
      send: async () => undefined,
      waitUntil: async () => 'idle',
      now: () => 0,
      stdin: '',
      env: new Map([['KUBECONFIG', 'kc']]),
      cwd: '/',
      writeStdout: (text) => {
        printed.stdout += text;
      },
      writeStderr: (text) => {
        printed.stderr += text;
      },
      readFile: async () => file,
      listFolder: async () => undefined,
      writeFile: async (_path, text) => {
        file = text;
      },
    };
    const exitCode = await runKubectl(line.split(' '), host);
    expect({ line, ...printed, exitCode, file }).toEqual({ line, ...want, file: fileAfter });
  }
});
