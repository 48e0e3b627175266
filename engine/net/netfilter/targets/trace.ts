/** `-j TRACE`: rules that the packet meets from here on are told to `xtables-monitor --trace`, which is left out. */
import type { Extension } from '../extension.ts';

/** What a rule holds of it. */
export interface TraceTarget {
  readonly kind: 'TRACE';
}

/** How `-j TRACE` is read. */
export const traceExtension: Extension<TraceTarget> = {
  name: 'TRACE',
  options: [],
  build: () => Object.freeze({ kind: 'TRACE' }),
};
