/** Conditions of a Deployment as they are written one by one. Source: pkg/controller/deployment/util, SetDeploymentCondition. */
import type { Deployment } from '../../../api/types/kinds.ts';

type Condition = NonNullable<NonNullable<Deployment['status']>['conditions']>[number];

/** A condition without its times. */
export type ConditionDraft = Pick<Condition, 'type' | 'status'> & {
  readonly reason: string;
  readonly message: string;
};

/** A list of conditions that is being changed. */
export interface ConditionSetter {
  /** Puts a condition at the end, unless one of the same status and reason is there, which stays as it is. */
  set(draft: ConditionDraft, lastTransitionTime?: string): void;
  remove(type: string): void;
  /** Takes over the time of the last change from an old condition of the same type. */
  keepTransition(old: Condition): void;
  list(): Condition[];
}

/** Changes the conditions of a status. */
export function conditionSetter(conditions: readonly Condition[] | undefined, now: string): ConditionSetter {
  let list = [...(conditions ?? [])];
  return {
    set(draft, lastTransitionTime = now) {
      const before = list.find(({ type }) => type === draft.type);
      if (before?.status === draft.status && before.reason === draft.reason) return;
      const since = before?.status === draft.status ? before.lastTransitionTime : lastTransitionTime;
      const times = { lastUpdateTime: now, lastTransitionTime: since ?? now };
      list = [...list.filter(({ type }) => type !== draft.type), { ...draft, ...times }];
    },
    remove(type) {
      list = list.filter((condition) => condition.type !== type);
    },
    keepTransition({ type, lastTransitionTime }) {
      list = list.map((condition) =>
        condition.type === type && lastTransitionTime !== undefined
          ? { ...condition, lastTransitionTime }
          : condition,
      );
    },
    list: () => list,
  };
}
