/** The parts of a parsed Go template. Source: text/template/parse of Go's standard library. */

/** Where an action stands: for the position in messages. */
export interface Place {
  readonly offset: number;
}

export type TemplateNode =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'action'; readonly pipe: Pipe }
  | {
      readonly kind: 'if' | 'with' | 'range';
      readonly pipe: Pipe;
      readonly body: readonly TemplateNode[];
      readonly otherwise: readonly TemplateNode[];
    }
  | { readonly kind: 'break' | 'continue' }
  | {
      readonly kind: 'template';
      readonly name: string;
      readonly pipe: Pipe | undefined;
      readonly offset: number;
    };

/** `$i, $v := a | b` */
export interface Pipe extends Place {
  readonly variables: readonly string[];
  /** `=` instead of `:=`. */
  readonly assigns: boolean;
  readonly commands: readonly Command[];
}

/** A function or value with its arguments. */
export interface Command extends Place {
  readonly operands: readonly Operand[];
}

export type Operand = Place &
  (
    | { readonly kind: 'dot' | 'nil' }
    | { readonly kind: 'function'; readonly name: string }
    | { readonly kind: 'literal'; readonly value: string | bigint | number | boolean; readonly text: string }
    | { readonly kind: 'field'; readonly path: readonly string[] }
    | { readonly kind: 'variable'; readonly name: string; readonly path: readonly string[] }
    | { readonly kind: 'pipe'; readonly pipe: Pipe }
    | { readonly kind: 'chain'; readonly base: Operand; readonly path: readonly string[] }
  );

/** An operand as messages show it. */
export function showOperand(operand: Operand): string {
  switch (operand.kind) {
    case 'dot':
      return '.';
    case 'nil':
      return 'nil';
    case 'function':
      return operand.name;
    case 'literal':
      return operand.text;
    case 'field':
      return operand.path.map((name) => `.${name}`).join('');
    case 'variable':
      return [operand.name, ...operand.path].join('.');
    case 'pipe':
      return `(${showPipe(operand.pipe)})`;
    case 'chain':
      return showOperand(operand.base) + operand.path.map((name) => `.${name}`).join('');
  }
}

/** A command as messages show it. */
export function showCommand(command: Command): string {
  return command.operands.map(showOperand).join(' ');
}

/** A pipeline as messages show it. */
export function showPipe(pipe: Pipe): string {
  const variables =
    pipe.variables.length === 0 ? '' : `${pipe.variables.join(', ')} ${pipe.assigns ? '=' : ':='} `;
  return variables + pipe.commands.map(showCommand).join(' | ');
}
