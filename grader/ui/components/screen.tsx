/** The whole screen: header, list, view, what is told, keys. */
import { Box, useCursor } from 'ink';
import { footerRow, headerRow, messageRows, standingRow } from '../documents/frame.ts';
import { divide, type Layout, type Size } from '../documents/layout.ts';
import { listDocument } from '../documents/list-document.ts';
import { isWholeScreen, type Sight, seeAround, seeView } from '../documents/view.ts';
import type { UiState } from '../state/state.ts';
import { cut, line } from '../text/styled-text.ts';
import { wrapText } from '../text/wrap.ts';
import { uiTexts } from '../texts/texts.ts';
import { Row, Rows } from './rows.tsx';

interface ScreenProps {
  readonly state: UiState;
  readonly size: Size;
}

/** One line when the terminal is too small for more. */
export function Screen({ state, size }: ScreenProps) {
  const whole = divide(size);
  if (whole === undefined) {
    const text = uiTexts[state.language].tooSmall;
    return <Rows rows={wrapText(text, size.columns, 'warn')} />;
  }
  return <Divided state={state} columns={size.columns} layout={whole} />;
}

function Divided({ state, columns, layout: whole }: { state: UiState; columns: number; layout: Layout }) {
  const width = whole.fullWidth;
  // A message of several rows takes them from the view.
  const taken = messageRows(state, 0, width).length - 1;
  const layout = { ...whole, bodyRows: whole.bodyRows - taken };
  const sight = seeView(state, layout);
  return (
    <Box flexDirection="column" width={columns} paddingX={1}>
      <Row row={headerRow(state, width)} />
      <Row row={line('─'.repeat(width), 'dim')} />
      <Box height={layout.bodyRows}>
        {layout.listWidth > 0 && !isWholeScreen(state) && <SideList state={state} layout={layout} />}
        <Box flexDirection="column">
          {state.view === 'task' && <Rows rows={[standingRow(state, layout.paneWidth), []]} />}
          <Rows rows={sight.rows} />
        </Box>
      </Box>
      <Rows rows={messageRows(state, sight.below, width)} />
      <Row row={cut(footerRow(state, width), width)} />
      {state.view === 'shell' && <Cursor sight={sight} />}
    </Box>
  );
}

function SideList({ state, layout }: { readonly state: UiState; readonly layout: Layout }) {
  const { rows, markedAt } = listDocument(state, state.page.index, layout.listWidth);
  const bar = Array.from({ length: layout.bodyRows }, () => line('│', 'dim'));
  return (
    <>
      <Box flexDirection="column" width={layout.listWidth}>
        <Rows rows={seeAround(rows, markedAt, layout.bodyRows).rows} />
      </Box>
      <Box flexDirection="column" marginX={1} width={1}>
        <Rows rows={bar} />
      </Box>
    </>
  );
}

/** The terminal's own cursor, since that is where an input method shows what it composes. */
function Cursor({ sight }: { readonly sight: Sight }) {
  const { setCursorPosition } = useCursor();
  const { cursor } = sight;
  // Header and rule stand above, one column of padding before.
  setCursorPosition(cursor === undefined ? undefined : { x: cursor.column + 1, y: cursor.row + 2 });
  return null;
}
