/** The rows of what is on screen now, and the part of them that is seen. */
import type { Top, UiState } from '../state/state.ts';
import { renderMarkdown } from '../text/render-markdown.ts';
import type { Line } from '../text/styled-text.ts';
import { helpDocument } from './help-document.ts';
import { type Layout, widestText } from './layout.ts';
import { listDocument } from './list-document.ts';
import { shellDocument } from './shell-document.ts';
import { taskDocument } from './task-document.ts';
import { traceDocument } from './trace-document.ts';

/** What is seen of a document. */
export interface Sight {
  readonly rows: readonly Line[];
  /** The number of the first row seen, and the greatest it can be. */
  readonly top: number;
  readonly lastTop: number;
  /** Rows below what is seen. */
  readonly below: number;
  /** How many rows there is room for. */
  readonly height: number;
  /** The cursor's place among the rows seen. */
  readonly cursor: { readonly row: number; readonly column: number } | undefined;
}

/** Views that leave no room for the list on the left. */
export function isWholeScreen({ view }: UiState): boolean {
  return view === 'list' || view === 'shell' || view === 'trace';
}

/** What is seen of the view that is open. */
export function seeView(state: UiState, { paneWidth, fullWidth, bodyRows }: Layout): Sight {
  switch (state.view) {
    case 'task': {
      // The line that says where the exercise stands, and an empty one.
      const height = bodyRows - 2;
      const { rows, resultsAt } = taskDocument(state, paneWidth);
      // The hints end where the results begin.
      if (state.top === 'hints') return see(rows, resultsAt - height, height);
      const areResultsLong = rows.length - resultsAt > height;
      return see(rows, state.top === 'results' && areResultsLong ? resultsAt + 1 : state.top, height);
    }
    case 'lesson':
      return see(renderMarkdown(state.page.lesson, paneWidth), state.top, bodyRows);
    case 'help':
      return see(helpDocument(state, paneWidth), state.top, bodyRows);
    case 'trace':
      return see(traceDocument(state, fullWidth), state.top, bodyRows);
    case 'list': {
      const { rows, markedAt } = listDocument(state, state.listAt, Math.min(widestText, fullWidth), true);
      return seeAround(rows, markedAt, bodyRows);
    }
    case 'shell': {
      const { rows, cursor } = shellDocument(state, fullWidth);
      const sight = see(rows, state.top, bodyRows);
      const row = cursor === undefined ? -1 : cursor.row - sight.top;
      const isSeen = cursor !== undefined && row >= 0 && row < bodyRows;
      return isSeen ? { ...sight, cursor: { row, column: cursor.column } } : sight;
    }
  }
}

/** The rows around one that must be seen, in the middle where that is possible. */
export function seeAround(rows: readonly Line[], at: number, height: number): Sight {
  return see(rows, at - Math.floor(height / 2), height);
}

function see(rows: readonly Line[], wanted: Top, height: number): Sight {
  const lastTop = Math.max(0, rows.length - height);
  const top = typeof wanted === 'number' ? Math.min(Math.max(0, wanted), lastTop) : lastTop;
  return {
    rows: rows.slice(top, top + height),
    top,
    lastTop,
    below: Math.max(0, rows.length - top - height),
    height,
    cursor: undefined,
  };
}
