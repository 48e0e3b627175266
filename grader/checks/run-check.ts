/** One check of any kind. */
import type { Check } from '../exercise/schema.ts';
import type { CheckContext, CheckOutcome } from './context.ts';
import { runFindCheck } from './find.ts';
import { runLogCheck } from './log.ts';
import { runObjectCheck } from './object.ts';
import { runOutputCheck } from './output.ts';
import { runReachCheck } from './reach.ts';
import { runResolveCheck } from './resolve.ts';

/** Runs it. What is thrown is not the learner's doing. */
export function runCheck(check: Check, context: CheckContext): Promise<CheckOutcome> {
  switch (check.kind) {
    case 'reach':
      return runReachCheck(check, context);
    case 'object':
      return runObjectCheck(check, context);
    case 'output':
      return runOutputCheck(check, context);
    case 'resolve':
      return runResolveCheck(check, context);
    case 'find':
      return runFindCheck(check, context);
    case 'log':
      return runLogCheck(check, context);
  }
}
