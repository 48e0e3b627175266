/** Rows of styled text, each exactly one row high: they are wrapped and cut before they come here. */
import { Text } from 'ink';
import { useContext } from 'react';
import type { Line } from '../text/styled-text.ts';
import { ThemeContext } from './theme.ts';

/** Rows one below the other. */
export function Rows({ rows }: { readonly rows: readonly Line[] }) {
  return numbered(rows).map(({ number, item }) => <Row key={number} row={item} />);
}

/** One row. */
export function Row({ row }: { readonly row: Line }) {
  const theme = useContext(ThemeContext);
  // A text without a character would be no row at all.
  if (row.length === 0) return <Text> </Text>;
  return (
    <Text wrap="truncate">
      {numbered(row).map(({ number, item: { text, tone } }) => (
        <Text key={number} {...theme[tone]}>
          {text}
        </Text>
      ))}
    </Text>
  );
}

/** Rows have no identity beyond their place. */
function numbered<T>(items: readonly T[]): readonly { readonly number: number; readonly item: T }[] {
  return items.map((item, number) => ({ number, item }));
}
