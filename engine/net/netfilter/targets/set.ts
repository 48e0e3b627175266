/**
 * `-j SET`: packets add themselves to sets of addresses, and take themselves off.
 * Left out: `--map-set`, which takes a mark from a set; time-outs, which are printed and not counted down.
 * Source: man iptables-extensions(8), and answers of iptables v1.8.9 (nf_tables).
 */
import { type Extension, type OptionValues, parseUint } from '../extension.ts';
import { questionFor, readSetEnds, type SetEnds } from '../matches/set.ts';
import { addQuestion, removeQuestion } from '../sets/ip-set.ts';
import type { PacketView } from '../view.ts';

/** What a rule holds of it. */
export interface SetTarget {
  readonly kind: 'SET';
  readonly add?: SetEnds;
  readonly remove?: SetEnds;
  readonly exist: boolean;
  readonly timeoutSeconds?: number;
}

/** Source: the bound that the tool names. */
const maxTimeout = 4_294_967_294;

const names = ['--add-set', '--del-set'] as const;

/** How `-j SET` is read. */
export const setTargetExtension: Extension<SetTarget> = {
  name: 'SET',
  options: [
    ...names.map((name) => ({
      name,
      invertible: true,
      hasTwoValues: true,
      onceMessage: `${name} can be specified only once`,
    })),
    { name: '--exist', flag: true },
    { name: '--timeout' },
  ],
  build: (values) => {
    const [add, remove] = names.map((name) => readEnds(name, values));
    const timeout = values.text('--timeout');
    const timeoutSeconds = timeout === undefined ? undefined : parseUint(timeout);
    if (timeout !== undefined && (timeoutSeconds === undefined || timeoutSeconds > maxTimeout)) {
      values.fail(`Invalid value for option --timeout or out of range 0-${maxTimeout}`);
    }
    const exist = values.has('--exist');
    if (add === undefined) {
      if (remove === undefined) {
        values.failAtEnd("You must specify either `--add-set' or `--del-set' or `--map-set'");
      }
      if (exist) values.failAtEnd("Flag `--exist' can be used with `--add-set' only");
      if (timeout !== undefined) values.failAtEnd("Option `--timeout' can be used with `--add-set' only");
    }
    return Object.freeze({
      kind: 'SET',
      ...(add === undefined ? {} : { add }),
      ...(remove === undefined ? {} : { remove }),
      exist,
      ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }),
    });
  },
};

function readEnds(name: string, values: OptionValues): SetEnds | undefined {
  const text = values.text(name);
  return text === undefined ? undefined : readSetEnds(name, text, values);
}

/** The sets that it changes. */
export function setsOf({ add, remove }: SetTarget): readonly string[] {
  return [add, remove].flatMap((ends) => ends?.name ?? []);
}

/** Its options as `iptables-save` prints them, with a space before each. */
export function saveSetTarget(target: SetTarget): string {
  return format(target, '--');
}

/** As `iptables -L` shows it. */
export function listSetTarget(target: SetTarget): string {
  return format(target, '').trimStart();
}

function format({ add, remove, exist, timeoutSeconds }: SetTarget, dashes: string): string {
  const ends = (verb: string, given: SetEnds | undefined) =>
    given === undefined ? '' : ` ${dashes}${verb}-set ${given.name} ${given.ends.join(',')}`;
  const timeout = timeoutSeconds === undefined ? '' : ` ${dashes}timeout ${timeoutSeconds}`;
  return `${ends('add', add)}${exist ? ` ${dashes}exist` : ''}${timeout}${ends('del', remove)}`;
}

/** Does to the sets what a rule says. */
export function applySet({ add, remove }: SetTarget, view: PacketView): void {
  const { sets } = view.memory;
  if (add !== undefined) addQuestion(sets, add.name, questionFor(add.ends, view));
  if (remove !== undefined) removeQuestion(sets, remove.name, questionFor(remove.ends, view));
}
