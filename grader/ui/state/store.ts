/** The state's one owner. It stands outside React, so that it outlives the screen while an editor has the terminal. */
import { type Action, reduce, type UiState } from './state.ts';

export interface Store {
  get(): UiState;
  dispatch(action: Action): void;
  /** Calls back after each change; the returned function ends it. */
  subscribe(listener: () => void): () => void;
}

/** A store that begins with a state. */
export function createStore(first: UiState): Store {
  let state = first;
  const listeners = new Set<() => void>();
  return {
    get: () => state,
    dispatch(action) {
      state = reduce(state, action);
      for (const listener of listeners) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
