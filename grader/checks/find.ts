/** Check `find`: a value that the learner observed and wrote down, against the one that this cluster shows. */
import type { FindCheck } from '../exercise/schema.ts';
import { computeValue } from './computed-value.ts';
import { type CheckContext, type CheckOutcome, failed, passed } from './context.ts';
import { readValues } from './values-file.ts';

/** Compares the written value with the computed one, and says what else it is when it is not that. */
export async function runFindCheck(check: FindCheck, context: CheckContext): Promise<CheckOutcome> {
  const { key, lookWith } = check;
  const found = readValues(context.files.get(check.file) ?? '').get(key) ?? '';
  if (found === '') return failed({ code: 'value-missing', key, lookWith });
  const wanted = await computeValue(context, check.value);
  if (!wanted.ok) {
    if (context.isWorldTouched) return failed(wanted.error);
    throw new Error(`the value of "${key}" is not in the cluster: ${JSON.stringify(wanted.error)}`);
  }
  if (isSameValue(found, wanted.value)) return passed;
  for (const { is, value } of check.confusions) {
    const other = await computeValue(context, value);
    if (other.ok && isSameValue(found, other.value)) {
      return failed({ code: 'value-differs', key, found, confusedWith: is, lookWith });
    }
  }
  const isMore = isPart(wanted.value, found);
  if (isMore || isPart(found, wanted.value)) return failed({ code: 'value-form', key, found, isMore });
  return failed({ code: 'value-differs', key, found, lookWith });
}

/** Less than half of a text may be another thing's name. */
function isPart(part: string, whole: string): boolean {
  return part.length >= 7 && part.length * 2 > whole.length && whole.includes(part);
}

/** A container id that is long enough for crictl to know whose it is. */
const containerId = /^[0-9a-f]{12,64}$/;
/** Numbers short enough to be exact. */
const decimal = /^-?[0-9]{1,9}(\.[0-9]{1,12})?$/;

/** The same text; the same number in another spelling; the same container id, shortened as crictl shortens it. */
export function isSameValue(found: string, wanted: string): boolean {
  const a = found.trim().replace(/^containerd:\/\//, '');
  const b = wanted.trim().replace(/^containerd:\/\//, '');
  if (a === b) return true;
  if (containerId.test(a) && containerId.test(b)) return a.startsWith(b) || b.startsWith(a);
  return decimal.test(a) && decimal.test(b) && Number(a) === Number(b);
}
