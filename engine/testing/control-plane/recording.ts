/** What kube-controller-manager and kube-scheduler v1.36.0 made of the scripts; `record-scenarios.spec.ts` renews it. */
import { readFileSync } from 'node:fs';

/** Where the recording of a script stands. */
export function fixturePath(name: string): URL {
  return new URL(`./fixtures/${name}.json`, import.meta.url);
}

/** The recording of a script. */
export function readRecording(name: string): unknown {
  return JSON.parse(readFileSync(fixturePath(name), 'utf8'));
}
