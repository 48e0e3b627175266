/**
 * Writes Events in the newer form, as the scheduler does: with an action, and one that comes again as a series, of which the
 * second time is written and the others only counted. They are sent as core/v1, which keeps the same. Source: client-go/tools/events (event_broadcaster.go, event_recorder.go).
 */
import { events } from '../api/types/resources.ts';
import type { JsonObject } from '../base/json.ts';
import type { SeriesRecorder } from './client.ts';
import { pathOf } from './create-client.ts';
import type { EventRecorderState } from './event-recorder.ts';
import { type EventRecorderDeps, nextNanosecond, referenceTo } from './event-recorder.ts';

/** A series is over when it has not gone on for so long. Source: event_broadcaster.go, finishTime. */
const finishMs = 360_000;

/** Makes the recorder of one component; `host` is what its instance is named after. */
export function createSeriesRecorder(deps: EventRecorderDeps, state: EventRecorderState): SeriesRecorder {
  const reportingInstance = `${deps.component}-${deps.host ?? ''}`;

  return {
    event(about, { type, reason, action, message, related }) {
      const { namespace = 'default' } = about.metadata;
      const regarding = referenceTo(about, undefined);
      const relatedTo = related === undefined ? {} : { related: referenceTo(related, undefined) };
      const key = JSON.stringify([reportingInstance, type, action, reason, regarding, relatedTo]);
      const nowMs = deps.queue.now();
      const nanoseconds = nextNanosecond(deps, state);
      const now = microTime(nowMs, nanoseconds);
      const before = state.series.get(key);
      if (before !== undefined && nowMs - before.lastMs <= finishMs) {
        state.series.set(key, Object.freeze({ ...before, lastMs: nowMs, count: before.count + 1 }));
        if (before.count > 1) return;
        const at = pathOf(events, namespace, before.name);
        write('PATCH', at, { series: { count: 2, lastObservedTime: now } });
        return;
      }
      const name = `${about.metadata.name}.${nanoseconds.toString(16)}`;
      state.series.set(key, Object.freeze({ name, lastMs: nowMs, count: 1 }));
      write('POST', pathOf(events, namespace), {
        kind: 'Event',
        apiVersion: 'v1',
        metadata: { name, namespace },
        involvedObject: regarding,
        source: {},
        firstTimestamp: null,
        lastTimestamp: null,
        eventTime: now,
        reportingComponent: deps.component,
        reportingInstance,
        action,
        reason,
        ...relatedTo,
        message,
        type,
      });
    },
  };

  function write(method: 'POST' | 'PATCH', at: string, body: JsonObject): void {
    const contentType = method === 'POST' ? 'application/json' : 'application/strategic-merge-patch+json';
    const headers = { 'content-type': contentType, 'user-agent': `${deps.component}/v1` };
    const request = { method, path: at, headers, body, user: deps.user };
    if (method === 'POST' && deps.transport.sendLater?.(request)) return;
    deps.transport.send(request);
  }
}

/** A metav1.MicroTime: six digits after the point, of which the clock gives three. */
function microTime(nowMs: number, nanoseconds: bigint): string {
  const micros = String(nanoseconds % 1000n).padStart(3, '0');
  return `${new Date(nowMs).toISOString().slice(0, 23)}${micros}Z`;
}
