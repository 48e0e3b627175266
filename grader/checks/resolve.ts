/** Check `resolve`: the addresses of a name as a process somewhere would get them. */
import type { ResolveCheck } from '../exercise/schema.ts';
import { computeValue } from './computed-value.ts';
import { type CheckContext, type CheckOutcome, failed, passed } from './context.ts';
import { clusterOfVantage, resolveVantage } from './vantage.ts';

/** Looks the name up and compares the addresses as a set: DNS answers in any order. */
export async function runResolveCheck(check: ResolveCheck, context: CheckContext): Promise<CheckOutcome> {
  const from = resolveVantage(context, check.from);
  if (!from.ok) return failed(from.error);
  const cluster = clusterOfVantage(context, check.from);
  const found = [...new Set(cluster.resolve(from.value, check.name))].sort();
  if (check.want === 'name-not-found') {
    return found.length === 0
      ? passed
      : failed({ code: 'resolves-elsewhere', name: check.name, wanted: [], found });
  }
  if (found.length === 0) {
    return failed(context.engine.explainName(cluster, from.value, check.name));
  }
  const wanted = new Set<string>();
  for (const value of check.want.addresses) {
    const address = await computeValue(context, value);
    if (!address.ok) return failed(address.error);
    wanted.add(address.value);
  }
  const isSame = wanted.size === found.length && found.every((address) => wanted.has(address));
  return isSame
    ? passed
    : failed({ code: 'resolves-elsewhere', name: check.name, wanted: [...wanted].sort(), found });
}
