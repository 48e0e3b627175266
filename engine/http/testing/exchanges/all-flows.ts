/** Every flow that the recording holds: those made for each kind, and those written down. */
import type { Flow } from './exchange.ts';
import { kindFlows } from './kind-flows.ts';
import { writtenFlows } from './written-flows.ts';

/** See the head of this file. */
export function allFlows(): readonly Flow[] {
  return [...kindFlows(), ...writtenFlows()];
}
