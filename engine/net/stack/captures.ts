/** Captures: the traces of the packets that travel while somebody looks. */
import type { NetworkAdmin } from '../linux.ts';
import type { PacketTrace } from '../trace.ts';
import type { NetworkState } from './state.ts';

/** Starts and stops captures. */
export function createCaptures(state: NetworkState): Pick<NetworkAdmin, 'startCapture' | 'stopCapture'> {
  return {
    startCapture() {
      const capture = state.nextCaptureId;
      state.nextCaptureId += 1;
      state.captures.set(capture, []);
      return capture;
    },
    stopCapture(capture) {
      const traces = state.captures.get(capture) ?? [];
      state.captures.delete(capture);
      // An answer may come to its end before the packet that caused it.
      return [...traces].sort((a, b) => a.id - b.id);
    },
  };
}

/** Adds a trace to every capture; the oldest make room. */
export function keepTrace(state: NetworkState, trace: PacketTrace, maxPackets: number): void {
  for (const traces of state.captures.values()) {
    traces.push(trace);
    if (traces.length > maxPackets) traces.shift();
  }
}
