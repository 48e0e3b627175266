/** `-j NOTRACK`, also written `-j CT --notrack`: the packet gets no connection. Other uses of CT are left out. */
import type { Extension } from '../extension.ts';

/** What a rule holds of it. */
export interface NotrackTarget {
  readonly kind: 'NOTRACK';
  /** How it was written, and so is printed. */
  readonly writtenAs: 'NOTRACK' | 'CT';
}

/** How `-j NOTRACK` is read. */
export const notrackExtension: Extension<NotrackTarget> = {
  name: 'NOTRACK',
  options: [],
  build: () => Object.freeze({ kind: 'NOTRACK', writtenAs: 'NOTRACK' }),
};

/** How `-j CT` is read. */
export const ctExtension: Extension<NotrackTarget> = {
  name: 'CT',
  options: [{ name: '--notrack', flag: true, mandatory: true }],
  build: () => Object.freeze({ kind: 'NOTRACK', writtenAs: 'CT' }),
};
