/** The cluster as the HTTP face is handed it: the door, and the clock behind it. */
import type { ApiRequest, ApiResponse } from '../api/request.ts';

/** See the head of this file. All of it is synchronous. */
export interface HttpBackend {
  send(request: ApiRequest): ApiResponse;
  /** Lets virtual time pass until nothing is left to do but what goes on for ever. */
  settle(): void;
  /** Lets so many virtual milliseconds pass. */
  advance(ms: number): void;
  /** Virtual time in milliseconds since the Unix epoch. */
  now(): number;
  /** From now on settle and advance end early once `isOver` holds. */
  interruptWhen?(isOver: () => boolean): void;
}
