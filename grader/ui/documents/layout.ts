/** How the screen is divided, by the terminal's size. */

/** The terminal's size in characters. */
export interface Size {
  readonly columns: number;
  readonly rows: number;
}

export interface Layout {
  /** Columns of the list on the left; 0 when there is no room for one. */
  readonly listWidth: number;
  /** Columns for text on the right, or on the whole screen. */
  readonly paneWidth: number;
  /** Columns for views that take the whole screen. */
  readonly fullWidth: number;
  /** Rows between header and footer. */
  readonly bodyRows: number;
}

/** Below these the screen holds nothing one could work with. */
const leastColumns = 40;
const leastRows = 12;
/** From here on a list beside the task leaves the task enough. */
const columnsForTwo = 84;
/** Header with its rule, footer with its rule. */
const frameRows = 4;
/** Longer lines are hard to read, however wide the terminal is. */
export const widestText = 100;

/** The division, or undefined when the terminal is too small. */
export function divide({ columns, rows }: Size): Layout | undefined {
  if (columns < leastColumns || rows < leastRows) return undefined;
  // Ink clears the whole screen for each frame that is as high as the terminal: one row stays free.
  const bodyRows = rows - 1 - frameRows;
  const fullWidth = columns - 2;
  if (columns < columnsForTwo) return { listWidth: 0, paneWidth: fullWidth, fullWidth, bodyRows };
  const listWidth = Math.min(42, Math.max(30, Math.floor(columns * 0.32)));
  // The list's left margin, and the bar between with a space on each side.
  const paneWidth = Math.min(widestText, columns - listWidth - 5);
  return { listWidth, paneWidth, fullWidth, bodyRows };
}
