/** The UI's root: the state drawn, and the keys handed on. */
import { useApp, useInput } from 'ink';
import { useLayoutEffect, useSyncExternalStore } from 'react';
import type { Keyboard } from '../effects/keyboard.ts';
import { readKeys } from '../state/key-press.ts';
import type { Store } from '../state/store.ts';
import { uiTexts } from '../texts/texts.ts';
import { ErrorBoundary } from './error-boundary.tsx';
import { Screen } from './screen.tsx';
import { chooseTheme, ThemeContext } from './theme.ts';
import { useTerminalSize } from './use-terminal-size.ts';

interface AppProps {
  readonly store: Store;
  readonly keyboard: Keyboard;
  readonly hasColour: boolean;
  /** Called when the screen goes, also when a signal ends the process. */
  readonly onUnmount?: () => void;
}

export function App({ store, keyboard, hasColour, onUnmount }: AppProps) {
  const { exit } = useApp();
  useLayoutEffect(() => onUnmount, [onUnmount]);
  return (
    <ThemeContext value={chooseTheme(hasColour)}>
      <ErrorBoundary texts={uiTexts[store.get().language]} onQuit={() => exit('quit')}>
        <Live store={store} keyboard={keyboard} />
      </ErrorBoundary>
    </ThemeContext>
  );
}

function Live({ store, keyboard }: Pick<AppProps, 'store' | 'keyboard'>) {
  const { exit } = useApp();
  const size = useTerminalSize();
  const state = useSyncExternalStore(store.subscribe, store.get);
  useInput((input, key) => keyboard(readKeys(input, key), size, exit));
  return <Screen state={state} size={size} />;
}
