/** `-j NOTRACK`, also written `-j CT --notrack`: the packet gets no connection. Other uses of CT are left out. */
import type { Extension } from '../extension.ts';

export interface NotrackTarget {
  readonly kind: 'NOTRACK';
  /** How it was written, and so is printed. */
  readonly writtenAs: 'NOTRACK' | 'CT';
}

export const notrackExtension: Extension<NotrackTarget> = {
  name: 'NOTRACK',
  options: [],
  build: () => Object.freeze({ kind: 'NOTRACK', writtenAs: 'NOTRACK' }),
};

export const ctExtension: Extension<NotrackTarget> = {
  name: 'CT',
  options: [{ name: '--notrack', flag: true, mandatory: true }],
  build: () => Object.freeze({ kind: 'NOTRACK', writtenAs: 'CT' }),
};
