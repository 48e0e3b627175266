/**
 * What the composition root hands to every controller and node component: client, informers, work queues and recorder,
 * wired to one server. Source: cmd/kube-controller-manager/app (ControllerContext).
 */
import type { Transport, UserInfo } from '../api/request.ts';
import type { EventQueue } from '../base/event-queue.ts';
import type { ControllerContext } from './client.ts';
import { createClient } from './create-client.ts';
import { createEventRecorder, type EventRecorderState, eventRecorderState } from './event-recorder.ts';
import { createInformers, type InformersState, informersState } from './informers.ts';
import { createSeriesRecorder } from './series-recorder.ts';
import { createWorkqueue, type WorkqueueState, workqueueState } from './workqueue.ts';

/** What changes in clients: caches, queues, remembered events. One for a whole cluster, shared by all contexts. */
export interface ClientsState {
  readonly informers: InformersState;
  /** By the queue's name. */
  readonly workqueues: Map<string, WorkqueueState>;
  readonly events: EventRecorderState;
}

/** The state before any component has started. */
export function clientsState(): ClientsState {
  return { informers: informersState(), workqueues: new Map(), events: eventRecorderState() };
}

/** Makes contexts that share one set of informers. */
export function createControllerContexts(
  deps: { readonly transport: Transport; readonly queue: EventQueue },
  state: ClientsState,
): (user: UserInfo, userAgent: string) => ControllerContext {
  const { transport, queue } = deps;
  const informers = createInformers(transport, state.informers);
  return (user, userAgent) => ({
    client: createClient(transport, user, userAgent),
    informers,
    workqueue(name, reconcile) {
      const known = state.workqueues.get(name) ?? workqueueState();
      state.workqueues.set(name, known);
      return createWorkqueue({ queue, name }, known, reconcile);
    },
    eventRecorder(component, host) {
      const where = host === undefined ? {} : { host };
      return createEventRecorder({ transport, queue, user, component, ...where }, state.events);
    },
    seriesRecorder: (component, host) =>
      createSeriesRecorder({ transport, queue, user, component, host }, state.events),
    nowTimestamp: () => `${new Date(queue.now()).toISOString().slice(0, 19)}Z`,
  });
}
