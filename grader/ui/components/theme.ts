/** How each tone looks. Under NO_COLOR (no-color.org) only weight and underlines are left. */
import type { TextProps } from 'ink';
import { createContext } from 'react';
import type { Tone } from '../text/styled-text.ts';

export type Theme = Readonly<Record<Tone, Omit<TextProps, 'children'>>>;

const colourless: Theme = {
  plain: {},
  title: { bold: true },
  heading: { bold: true },
  strong: { bold: true },
  emphasis: { italic: true },
  code: {},
  link: { underline: true },
  dim: { dimColor: true },
  good: {},
  bad: {},
  warn: {},
  selected: { bold: true },
};

/** Only the eight colours that every terminal has, so that a person's own palette decides. */
const coloured: Theme = {
  ...colourless,
  title: { bold: true, color: 'cyan' },
  code: { color: 'yellow' },
  link: { color: 'blue', underline: true },
  good: { color: 'green' },
  bad: { color: 'red' },
  warn: { color: 'yellow' },
  selected: { bold: true, color: 'cyan' },
};

/** The theme for a screen. */
export function chooseTheme(hasColour: boolean): Theme {
  return hasColour ? coloured : colourless;
}

export const ThemeContext = createContext<Theme>(colourless);
