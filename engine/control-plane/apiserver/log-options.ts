/**
 * What a request for logs asks for, read and checked. Source: pkg/apis/core/validation (ValidatePodLogOptions);
 * k8s.io/apimachinery/pkg/conversion/queryparams. `stream` is refused, as it is unless a feature gate allows it.
 */
import { DecodeAbort, decodeTime } from '../../api/decode/scalars.ts';
import { forbidden, invalid } from '../../api/field-errors.ts';
import type { LogOptions } from '../../api/node-connection.ts';
import type { FieldError } from '../../api/scheme.ts';
import { err, ok } from '../../base/result.ts';
import { badRequest, type Outcome, invalid as refuseInvalid } from './refusals.ts';
import { type Call, isQueryTrue, queryValue } from './server-context.ts';

type AskedLogs = Omit<LogOptions, 'container'>;

/** The options but for the container. What can't be read is refused at once; all else that is wrong, together. */
export function readLogOptions(call: Call): Outcome<AskedLogs> {
  let asked: AskedLogs;
  try {
    asked = parseOptions(call);
  } catch (error) {
    if (error instanceof DecodeAbort) return err(badRequest(error.message));
    throw error;
  }
  const problems = [
    ...problemsOf(asked),
    ...(queryValue(call.request, 'stream') === undefined
      ? []
      : [forbidden('stream', 'may not be specified')]),
  ];
  return problems.length === 0 ? ok(asked) : err(refuseInvalid('', 'PodLogOptions', call.name, problems));
}

/** @throws DecodeAbort for what can't be read. */
function parseOptions({ request }: Call): AskedLogs {
  const number = (name: string): Record<string, number> => {
    const text = queryValue(request, name);
    if (text === undefined) return {};
    if (/^[+-]?\d+$/.test(text)) return { [name]: Number(text) };
    throw new DecodeAbort(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  };
  const sinceTime = queryValue(request, 'sinceTime');
  return {
    follow: isQueryTrue(request, 'follow'),
    previous: isQueryTrue(request, 'previous'),
    timestamps: isQueryTrue(request, 'timestamps'),
    ...number('sinceSeconds'),
    ...(sinceTime === undefined ? {} : { sinceMs: Date.parse(decodeTime(sinceTime)) }),
    ...number('tailLines'),
    ...number('limitBytes'),
  };
}

function problemsOf({ tailLines, limitBytes, sinceSeconds, sinceMs }: AskedLogs): readonly FieldError[] {
  const problems: FieldError[] = [];
  if (tailLines !== undefined && tailLines < 0)
    problems.push(invalid('tailLines', tailLines, 'must be greater than or equal to 0'));
  if (limitBytes !== undefined && limitBytes < 1)
    problems.push(invalid('limitBytes', limitBytes, 'must be greater than 0'));
  // The field has no name upstream, and is printed so.
  if (sinceSeconds !== undefined && sinceMs !== undefined)
    problems.push(forbidden('[]', 'at most one of `sinceTime` or `sinceSeconds` may be specified'));
  else if (sinceSeconds !== undefined && sinceSeconds < 1)
    problems.push(invalid('sinceSeconds', sinceSeconds, 'must be greater than 0'));
  return problems;
}
