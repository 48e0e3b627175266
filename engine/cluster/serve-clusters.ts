/** Serving every cluster of a world: each on a port and in a context of its own. */
import type { EventQueue } from '../base/event-queue.ts';
import { ok, type Result } from '../base/result.ts';
import { type ServedApi, type ServeOptions, serveApi } from '../http/serve.ts';
import type { Member } from './member.ts';

/**
 * Serves the first member as the options say, and the others on the ports after it, under the contexts `kubedrill-NAME`.
 * The first one's clock moves the time of all. When one can't be served, none is.
 */
export async function serveClusters(
  queue: EventQueue,
  members: readonly Member[],
  options: ServeOptions,
): Promise<Result<ServedApi, string>> {
  const served: ServedApi[] = [];
  const close = async (): Promise<Result<void, string>> => {
    let outcome: Result<void, string> = ok(undefined);
    for (const one of served.toReversed()) {
      const closed = await one.close();
      if (!closed.ok) outcome = closed;
    }
    return outcome;
  };
  // The one that comes last is current, so the first member's turn is then.
  for (const [index, { facts, transport }] of [...members.entries()].reverse()) {
    const backend = {
      send: transport.send,
      settle: () => void queue.settle(),
      advance: (ms: number) => void queue.advance(ms),
      now: () => queue.now(),
      interruptWhen: (isOver: () => boolean) => queue.interruptWhen(isOver),
    };
    const own = await serveApi(backend, {
      ...options,
      ...(options.port === undefined ? {} : { port: options.port + index }),
      ...(index === 0 ? {} : { name: `kubedrill-${facts.name}`, isFrozen: true }),
    });
    if (!own.ok) {
      await close();
      return own;
    }
    served.push(own.value);
  }
  const first = served.at(-1);
  if (first === undefined) return { ok: false, error: 'there is no cluster to serve' };
  return ok({
    ...first,
    dropConnections() {
      for (const one of served) one.dropConnections();
    },
    close,
  });
}
