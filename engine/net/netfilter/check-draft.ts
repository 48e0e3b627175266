/**
 * What the kernel refuses when a table is put in place: targets that the table or hook has no use for, jumps in a
 * circle, chains deleted while something jumps there.
 * Source: messages of iptables-restore v1.8.9 (nf_tables) on Linux 6.18.
 */
import type { Hook } from '../trace.ts';
import type { DraftTable } from './draft-table.ts';
import type { ChainReach, Rule, Target } from './rule.ts';

/** A refused change: the first line of the input at fault, and the message about it. */
export interface RefusedChange {
  readonly line: number;
  readonly message: string;
}

/** Jumps inside each other. Source: NFT_JUMP_STACK_SIZE in net/netfilter/nf_tables.h. */
const maxDepth = 16;

/** The first thing that the kernel refuses about a table, or undefined. */
export function checkDraft(draft: DraftTable): RefusedChange | undefined {
  for (const chain of draft.changedChains()) {
    for (const rule of chain.fresh) {
      const isTargetGood = rule.target === undefined || belongsInTable(rule.target, draft.name, rule);
      if (isTargetGood && areTestsGood(rule)) continue;
      const line = draft.lineOf(chain.name, rule);
      return { line, message: refusal(line, 'Invalid argument', chain.name) };
    }
  }
  const busy = findBusyChain(draft);
  if (busy !== undefined) return busy;
  return spreadReach(draft) ? undefined : walkFromHooks(draft);
}

/** No address is outside of all addresses, and a list of `recent` has a name and looks back only where it looks. */
function areTestsGood({ source, destination, matches }: Rule): boolean {
  if (source?.mask === 0 || destination?.mask === 0) return false;
  return matches.every((match) => {
    if (match.kind !== 'recent') return true;
    const looksBack = match.seconds !== undefined || match.hitcount !== undefined || match.reap;
    return match.name !== '' && !(looksBack && (match.action === 'set' || match.action === 'remove'));
  });
}

/** A chain that was deleted while a rule jumps to it. */
function findBusyChain(draft: DraftTable): RefusedChange | undefined {
  const deleted = draft.deletedChains();
  if (deleted.size === 0) return undefined;
  let first: RefusedChange | undefined;
  for (const rules of draft.allRules()) {
    for (const { target } of rules) {
      const line = target?.kind === 'jump' ? deleted.get(target.chain) : undefined;
      if (target?.kind !== 'jump' || line === undefined || (first !== undefined && first.line <= line))
        continue;
      const message = `line ${line}: CHAIN_DEL failed (Device or resource busy): chain ${target.chain}`;
      first = { line, message };
    }
  }
  return first;
}

/**
 * Follows only what is new: rules in changed chains, and chains that are reached from more hooks or deeper than before.
 * False when something may be wrong; since what chains know of their reach only ever grows, that need not be so. A circle
 * shows as a depth without end.
 */
function spreadReach(draft: DraftTable): boolean {
  for (const hook of draft.builtinNames()) {
    if (draft.reachOf(hook) === undefined) draft.setReach(hook, { hooks: hookBit(hook), depth: 0 });
  }
  for (const chain of draft.changedChains()) {
    if (chain.reach !== undefined && !spreadFrom(draft, chain.fresh, chain.reach)) return false;
  }
  return true;
}

function spreadFrom(draft: DraftTable, rules: readonly Rule[], from: ChainReach): boolean {
  for (const { target } of rules) {
    if (target === undefined) continue;
    if ((from.hooks & ~hooksOf(target)) !== 0) return false;
    if (target.kind === 'jump' && !raiseReach(draft, target.chain, from)) return false;
  }
  return true;
}

function raiseReach(draft: DraftTable, chain: string, from: ChainReach): boolean {
  const known = draft.reachOf(chain);
  const hooks = (known?.hooks ?? 0) | from.hooks;
  const depth = Math.max(known?.depth ?? 0, from.depth + 1);
  if (known?.hooks === hooks && known.depth === depth) return true;
  if (depth > maxDepth) return false;
  const reach = Object.freeze({ hooks, depth });
  draft.setReach(chain, reach);
  return spreadFrom(draft, draft.rules(chain), reach);
}

const hookOrder: readonly Hook[] = ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'];

function hookBit(hook: Hook): number {
  return 1 << hookOrder.indexOf(hook);
}

/** The whole table, from every hook: slower, and exact. */
function walkFromHooks(draft: DraftTable): RefusedChange | undefined {
  const safe = new Map<string, Set<string>>();
  for (const hook of draft.builtinNames()) {
    const kind = hook === 'OUTPUT' ? 'PREROUTING' : hook;
    const known = safe.get(draft.name === 'nat' ? kind : '') ?? new Set();
    safe.set(draft.name === 'nat' ? kind : '', known);
    const walk: Walk = { draft, hook, safe: known, path: [], onPath: new Set(), refused: undefined };
    walkChain(hook, walk);
    if (walk.refused !== undefined) return walk.refused;
  }
  return undefined;
}

interface Walk {
  readonly draft: DraftTable;
  readonly hook: Hook;
  /** Chains that were walked to their end, from this hook or one that allows the same targets. */
  readonly safe: Set<string>;
  readonly path: { readonly chain: string; readonly rule: Rule }[];
  readonly onPath: Set<string>;
  refused: RefusedChange | undefined;
}

function walkChain(chain: string, walk: Walk): void {
  if (walk.safe.has(chain)) return;
  walk.onPath.add(chain);
  for (const rule of walk.draft.rules(chain)) {
    const { target } = rule;
    if (target === undefined) continue;
    if (!belongsAtHook(target, walk.hook)) {
      const line = walk.draft.lineOf(chain, rule);
      // A rule of earlier input is not to blame, but the jump that now leads there.
      const blamed = line === 0 ? newestStep(walk) : { line, chain };
      walk.refused = { line: blamed.line, message: refusal(blamed.line, 'Invalid argument', blamed.chain) };
    } else if (target.kind === 'jump') {
      walk.path.push({ chain, rule });
      if (walk.onPath.has(target.chain) || walk.path.length > maxDepth) walk.refused = tooManyLinks(walk);
      else walkChain(target.chain, walk);
      walk.path.pop();
    }
    if (walk.refused !== undefined) return;
  }
  walk.onPath.delete(chain);
  walk.safe.add(chain);
}

/** The rule that came last is the one that closed the circle. */
function tooManyLinks(walk: Walk): RefusedChange {
  const { line, chain } = newestStep(walk);
  return { line, message: refusal(line, 'Too many links', chain) };
}

function newestStep({ draft, path }: Walk): { readonly line: number; readonly chain: string } {
  let newest = { line: 0, chain: '' };
  for (const { chain, rule } of path) {
    const line = draft.lineOf(chain, rule);
    if (line >= newest.line) newest = { line, chain };
  }
  return newest;
}

function refusal(line: number, why: string, chain: string): string {
  return `line ${line}: RULE_APPEND failed (${why}): rule in chain ${chain}`;
}

/** Whether a table has use for a target. Source: man iptables-extensions(8), and the kernel's answers. */
function belongsInTable(target: Target, table: string, rule: Rule): boolean {
  switch (target.kind) {
    case 'DNAT':
    case 'REDIRECT':
    case 'SNAT':
    case 'MASQUERADE':
    case 'NETMAP':
      return table === 'nat';
    case 'TOS':
      return table === 'mangle';
    case 'REJECT':
      if (target.type === 'tcp-reset' && (rule.protocol?.number !== 6 || rule.protocol.negated)) return false;
      return table === 'filter';
    case 'NOTRACK':
      return table === 'raw';
    case 'TCPMSS':
      return rule.protocol?.number === 6 && !rule.protocol.negated;
    default:
      return true;
  }
}

/** Whether a target may be met at a hook of its table. */
function belongsAtHook(target: Target, hook: Hook): boolean {
  return (hooksOf(target) & hookBit(hook)) !== 0;
}

const everyHook = 0b11111;
const dnatHooks = hookBit('PREROUTING') | hookBit('OUTPUT');
/** Where it is known what link a packet leaves by. */
const waysOut = hookBit('FORWARD') | hookBit('OUTPUT') | hookBit('POSTROUTING');
const snatHooks = hookBit('POSTROUTING') | hookBit('INPUT');

function hooksOf(target: Target): number {
  switch (target.kind) {
    case 'DNAT':
    case 'REDIRECT':
      return dnatHooks;
    case 'SNAT':
      return snatHooks;
    case 'MASQUERADE':
      return hookBit('POSTROUTING');
    case 'TCPMSS':
      return target.size === undefined ? waysOut : everyHook;
    default:
      return everyHook;
  }
}
