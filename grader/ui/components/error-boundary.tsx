/** What breaks while drawing becomes two lines: never a stack trace, and the learner can go on. */
import { Box, Text, useInput } from 'ink';
import { Component, type ReactNode } from 'react';
import { isInterrupt } from '../../line-editor/key-press.ts';
import { neutralise } from '../../reports/neutralise.ts';
import { readKeys } from '../state/key-press.ts';
import type { UiTexts } from '../texts/ui-texts.ts';

interface Props {
  readonly texts: UiTexts;
  readonly onQuit: () => void;
  readonly children: ReactNode;
}

interface State {
  readonly error: Error | undefined;
}

export class ErrorBoundary extends Component<Props, State> {
  override readonly state: State = { error: undefined };

  static getDerivedStateFromError(error: unknown): State {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override render(): ReactNode {
    const { texts, onQuit, children } = this.props;
    const { error } = this.state;
    if (error === undefined) return children;
    return (
      <Broken
        texts={texts}
        message={error.message}
        onQuit={onQuit}
        onGoOn={() => this.setState({ error: undefined })}
      />
    );
  }
}

interface BrokenProps {
  readonly texts: UiTexts;
  readonly message: string;
  readonly onQuit: () => void;
  readonly onGoOn: () => void;
}

function Broken({ texts, message, onQuit, onGoOn }: BrokenProps) {
  useInput((input, key) => {
    for (const press of readKeys(input, key)) {
      if (press.kind === 'enter') onGoOn();
      if (isInterrupt(press) || (press.kind === 'text' && press.text === 'q')) onQuit();
    }
  });
  return (
    <Box flexDirection="column">
      <Text>{texts.broken}</Text>
      <Text>{neutralise(message).split('\n')[0] ?? ''}</Text>
      <Text>{texts.brokenKeys}</Text>
    </Box>
  );
}
