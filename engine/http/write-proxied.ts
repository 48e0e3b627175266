/** From a request that was passed on to an HTTP response, once the other end has answered. */
import type { ServerResponse } from 'node:http';
import type { ProxiedExchange } from '../api/request.ts';
import type { ServedClock } from './clock.ts';

/** Answers as soon as there is an answer; a client that goes ends the exchange. */
export function writeProxied(response: ServerResponse, exchange: ProxiedExchange, clock: ServedClock): void {
  const pass = (): void => {
    const answer = exchange.answer();
    if (answer === undefined) return;
    stopListening();
    response.statusCode = answer.code;
    for (const [name, value] of answer.headers) response.appendHeader(name, value);
    response.end(answer.body);
  };
  const stopListening = clock.onChange(pass);
  response.on('close', () => {
    stopListening();
    exchange.close();
  });
  pass();
}
