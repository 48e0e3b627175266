/** The terminal's size, followed while it changes. */
import { useStdout } from 'ink';
import { useEffect, useState } from 'react';
import type { Size } from '../documents/layout.ts';

/** Of a terminal that does not tell. Source: the VT100's. */
const usualSize: Size = { columns: 80, rows: 24 };

export function useTerminalSize(): Size {
  const { stdout } = useStdout();
  const read = () => ({
    columns: stdout.columns || usualSize.columns,
    rows: stdout.rows || usualSize.rows,
  });
  const [size, setSize] = useState<Size>(read);
  useEffect(() => {
    const follow = () => setSize(read());
    stdout.on('resize', follow);
    return () => {
      stdout.off('resize', follow);
    };
  });
  return size;
}
