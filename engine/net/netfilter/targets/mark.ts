/** `-j MARK` and `-j CONNMARK`: change the mark of the packet or of its connection. */
import { type Extension, formatHex, type OptionValues } from '../extension.ts';
import { changePacket, type PacketView } from '../view.ts';

/** The new mark is (old AND NOT mask) XOR value. */
export interface MarkTarget {
  readonly kind: 'MARK';
  readonly value: number;
  readonly mask: number;
}

/** What a rule holds of it. */
export interface ConnmarkTarget {
  readonly kind: 'CONNMARK';
  readonly action: 'set' | 'save' | 'restore';
  /** For `set`. */
  readonly value: number;
  readonly mask: number;
  /** For `save` and `restore`: the bits taken, of the packet's mark and of the connection's. */
  readonly nfmask: number;
  readonly ctmask: number;
}

const all = 0xffffffff;

const setters = ['--set-xmark', '--set-mark', '--and-mark', '--or-mark', '--xor-mark'] as const;

const setterOptions = setters.map((name, index) => ({ name, excludes: setters.slice(index + 1) }));

/** How `-j MARK` is read. */
export const markTargetExtension: Extension<MarkTarget> = {
  name: 'MARK',
  options: setterOptions,
  build: (values) => {
    const change = readChange(values);
    if (change === undefined) {
      values.failAtEnd('MARK: One of the --set-xmark, --{and,or,xor,set}-mark options is required');
    }
    return Object.freeze({ kind: 'MARK', ...(change ?? { value: 0, mask: 0 }) });
  },
};

/** How `-j CONNMARK` is read. */
export const connmarkTargetExtension: Extension<ConnmarkTarget> = {
  name: 'CONNMARK',
  options: [
    ...setterOptions,
    { name: '--save-mark', flag: true, excludes: ['--restore-mark', ...setters] },
    { name: '--restore-mark', flag: true, excludes: setters },
    { name: '--mask', excludes: ['--nfmask', '--ctmask'] },
    { name: '--nfmask' },
    { name: '--ctmask' },
  ],
  build: (values) => {
    const change = readChange(values);
    const action = values.has('--save-mark') ? 'save' : values.has('--restore-mark') ? 'restore' : 'set';
    if (action === 'set' && change === undefined) values.failAtEnd('CONNMARK target: No operation specified');
    const both = values.uint('--mask', 0, all) ?? all;
    return Object.freeze({
      kind: 'CONNMARK',
      action,
      ...(change ?? { value: 0, mask: 0 }),
      nfmask: values.uint('--nfmask', 0, all) ?? both,
      ctmask: values.uint('--ctmask', 0, all) ?? both,
    });
  },
};

function readChange(values: OptionValues): { readonly value: number; readonly mask: number } | undefined {
  const option = setters.find((name) => values.has(name));
  if (option === undefined) return undefined;
  const isMasked = option === '--set-xmark' || option === '--set-mark';
  const given = isMasked ? values.markMask(option) : { value: values.uint(option, 0, all) ?? 0, mask: all };
  if (given === undefined) return { value: 0, mask: 0 };
  switch (option) {
    case '--set-xmark':
      return given;
    case '--set-mark':
      return { value: given.value, mask: (given.mask | given.value) >>> 0 };
    case '--and-mark':
      return { value: 0, mask: ~given.value >>> 0 };
    case '--or-mark':
      return { value: given.value, mask: given.value };
    case '--xor-mark':
      return { value: given.value, mask: 0 };
  }
}

/** Its options as `iptables-save` prints them, with a space before each. */
export function saveMarkTarget(target: MarkTarget | ConnmarkTarget): string {
  if (target.kind === 'MARK' || target.action === 'set') {
    return ` --set-xmark ${formatHex(target.value)}/${formatHex(target.mask)}`;
  }
  return ` --${target.action}-mark --nfmask ${formatHex(target.nfmask)} --ctmask ${formatHex(target.ctmask)}`;
}

/** As `iptables -L` shows it. */
export function listMarkTarget(target: MarkTarget | ConnmarkTarget): string {
  if (target.kind === 'CONNMARK' && target.action !== 'set') {
    const masks =
      target.nfmask === target.ctmask
        ? target.ctmask === all
          ? ''
          : ` mask ${formatHex(target.ctmask)}`
        : target.action === 'save'
          ? ` nfmask ${formatHex(target.nfmask)} ctmask ~${formatHex(target.ctmask)}`
          : ` ctmask ${formatHex(target.ctmask)} nfmask ~${formatHex(target.nfmask)}`;
    return `CONNMARK ${target.action}${masks}`;
  }
  return `${target.kind} ${listChange(target)}`;
}

/** A change in the words of the option that it was most likely written with. */
export function listChange(change: { readonly value: number; readonly mask: number }): string {
  const { value, mask } = change;
  if (value === 0) return `and ${formatHex(~mask)}`;
  if (value === mask) return `or ${formatHex(value)}`;
  if (mask === 0) return `xor ${formatHex(value)}`;
  if (mask === all) return `set ${formatHex(value)}`;
  return `xset ${formatHex(value)}/${formatHex(mask)}`;
}

/** Changes the mark as the rule says. */
export function applyMark(target: MarkTarget, view: PacketView): void {
  changePacket(view, { mark: change(view.packet.mark, target) });
}

/** Changes the mark as the rule says. */
export function applyConnmark(target: ConnmarkTarget, view: PacketView): void {
  const { connection } = view;
  if (connection === undefined) return;
  const taken = (mark: number, from: number, to: number) => ((mark & from) >>> 0) & to;
  if (target.action === 'set') connection.mark = change(connection.mark, target);
  else if (target.action === 'save') {
    const kept = connection.mark & ~target.ctmask;
    connection.mark = (kept ^ taken(view.packet.mark, target.nfmask, all)) >>> 0;
  } else {
    const kept = view.packet.mark & ~target.nfmask;
    changePacket(view, { mark: (kept ^ taken(connection.mark, target.ctmask, all)) >>> 0 });
  }
}

function change(mark: number, by: { readonly value: number; readonly mask: number }): number {
  return ((mark & ~by.mask) ^ by.value) >>> 0;
}
