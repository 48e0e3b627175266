/**
 * Jobs to their ends. Source of what is expected: pkg/controller/job (job_controller_test.go, backoff_utils_test.go,
 * pod_failure_policy_test.go, success_policy_test.go) of release 1.36.
 */
import { describe, expect, it } from 'vitest';
import { jobs, pods } from '../../../api/types/resources.ts';
import type { JsonObject } from '../../../base/json.ts';
import { createTestWorld, type TestWorld } from '../../../testing/world.ts';

/** A Pod that ends after `seconds` with `code`. */
function createJob(world: TestWorld, spec: JsonObject, seconds = 1, code = 0, restartPolicy = 'Never'): void {
  world.create(jobs, 'default', {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'work' },
    spec: {
      template: {
        spec: {
          restartPolicy,
          terminationGracePeriodSeconds: 0,
          containers: [{ name: 'c', image: 'box', command: ['sleep', String(seconds), String(code)] }],
        },
      },
      ...spec,
    },
  });
}

function getJob(world: TestWorld) {
  const answer = world.client.get(jobs, 'default', 'work');
  if (!answer.ok) throw new Error(answer.error.message);
  return answer.value;
}

const status = (world: TestWorld) => getJob(world).status;
const podsOf = (world: TestWorld) => world.client.list(pods, 'default');
const conditions = (world: TestWorld) =>
  (status(world)?.conditions ?? []).map(({ type, reason }) => `${type} ${reason}`);
/** Events of the Job, the random ends of Pods' names cut. */
const events = (world: TestWorld) =>
  world.eventsAbout('work').map((event) => event.replace(/(work(-[0-9]+)?)-[a-z0-9]{5}$/, '$1-x'));

describe('a Job', () => {
  it('is complete when its Pod has succeeded', () => {
    const world = createTestWorld();
    createJob(world, {});
    world.advance(20);
    expect(status(world)).toMatchObject({
      succeeded: 1,
      ready: 0,
      terminating: 0,
      uncountedTerminatedPods: {},
    });
    expect(status(world)?.active).toBeUndefined();
    expect(conditions(world)).toEqual([
      'SuccessCriteriaMet CompletionsReached',
      'Complete CompletionsReached',
    ]);
    expect(events(world)).toEqual([
      'Normal SuccessfulCreate Created pod: work-x',
      'Normal Completed Job completed',
    ]);
    expect(podsOf(world).map(({ metadata }) => metadata.finalizers)).toEqual([undefined]);
  });

  it('runs no more Pods at once than its parallelism, and as many as its completions', () => {
    const world = createTestWorld();
    createJob(world, { completions: 5, parallelism: 2 }, 5);
    world.advance(5);
    expect(podsOf(world)).toHaveLength(2);
    expect(status(world)?.active).toBe(2);
    world.advance(60);
    expect(status(world)?.succeeded).toBe(5);
    expect(podsOf(world)).toHaveLength(5);
  });

  it('tries again after 10, 20 and 40 seconds, until the limit is passed', () => {
    const world = createTestWorld();
    createJob(world, { backoffLimit: 2 }, 0, 1);
    const counts = [5, 10, 20, 10].map((seconds) => {
      world.advance(seconds);
      return podsOf(world).length;
    });
    expect(counts).toEqual([1, 2, 3, 3]);
    expect(status(world)?.failed).toBe(3);
    expect(conditions(world)).toEqual(['FailureTarget BackoffLimitExceeded', 'Failed BackoffLimitExceeded']);
    expect(events(world).at(-1)).toBe(
      'Warning BackoffLimitExceeded Job has reached the specified backoff limit',
    );
  });

  it('counts restarts in place when the policy is OnFailure', () => {
    const world = createTestWorld();
    createJob(world, { backoffLimit: 1 }, 0, 1, 'OnFailure');
    world.advance(60);
    expect(conditions(world).at(-1)).toBe('Failed BackoffLimitExceeded');
    expect(podsOf(world)).toEqual([]);
  });

  it('ends at its deadline, and its Pods with it', () => {
    const world = createTestWorld();
    createJob(world, { activeDeadlineSeconds: 30 }, 1000);
    world.advance(25);
    expect(status(world)?.active).toBe(1);
    world.advance(15);
    expect(events(world)).toContain('Warning DeadlineExceeded Job was active longer than specified deadline');
    expect(podsOf(world)).toEqual([]);
    expect(status(world)).toMatchObject({ failed: 1 });
  });

  it('stands still while it is suspended', () => {
    const world = createTestWorld();
    createJob(world, { suspend: true });
    world.advance(10);
    expect(podsOf(world)).toEqual([]);
    expect(status(world)?.startTime).toBeUndefined();
    world.client.mergePatch(jobs, 'default', 'work', { spec: { suspend: false } });
    world.advance(20);
    expect(events(world)).toEqual([
      'Normal Suspended Job suspended',
      'Normal SuccessfulCreate Created pod: work-x',
      'Normal Resumed Job resumed',
      'Normal Completed Job completed',
    ]);
  });

  it('takes its Pods with it when it is deleted', () => {
    const world = createTestWorld();
    createJob(world, {}, 1000);
    world.settle();
    world.client.delete(jobs, 'default', 'work', { propagationPolicy: 'Background' });
    world.settle();
    expect(podsOf(world)).toEqual([]);
  });
});

describe('an indexed Job', () => {
  const indexed = { completionMode: 'Indexed', completions: 3, parallelism: 3 };

  it('gives each Pod its index', () => {
    const world = createTestWorld();
    createJob(world, indexed, 1000);
    world.settle();
    expect(podsOf(world).map(({ metadata, spec }) => [metadata.annotations, spec?.hostname])).toEqual(
      [0, 1, 2].map((index) => [
        { 'batch.kubernetes.io/job-completion-index': String(index) },
        `work-${index}`,
      ]),
    );
    const variable = podsOf(world)[1]?.spec?.containers[0]?.env;
    expect(variable).toEqual([
      {
        name: 'JOB_COMPLETION_INDEX',
        valueFrom: {
          fieldRef: {
            apiVersion: 'v1',
            fieldPath: "metadata.labels['batch.kubernetes.io/job-completion-index']",
          },
        },
      },
    ]);
  });

  it('tells which indexes have succeeded', () => {
    const world = createTestWorld();
    createJob(world, indexed);
    world.advance(20);
    expect(status(world)).toMatchObject({ succeeded: 3, completedIndexes: '0-2' });
  });

  it('gives up an index after its own limit', () => {
    const world = createTestWorld();
    createJob(world, { ...indexed, completions: 2, backoffLimitPerIndex: 1 }, 0, 1);
    world.advance(60);
    expect(status(world)).toMatchObject({ failed: 4, failedIndexes: '0,1' });
    expect(conditions(world).at(-1)).toBe('Failed FailedIndexes');
  });

  it('is over when the success policy is met', () => {
    const world = createTestWorld();
    const successPolicy = { rules: [{ succeededCount: 1 }] };
    createJob(world, { ...indexed, parallelism: 1, successPolicy });
    world.advance(30);
    expect(conditions(world)).toEqual(['SuccessCriteriaMet SuccessPolicy', 'Complete SuccessPolicy']);
    expect(status(world)?.succeeded).toBe(1);
  });
});

describe('a pod failure policy', () => {
  const onExit = (action: string) => ({
    podFailurePolicy: { rules: [{ action, onExitCodes: { operator: 'In', values: [42] } }] },
  });

  it('fails the whole Job', () => {
    const world = createTestWorld();
    createJob(world, onExit('FailJob'), 0, 42);
    world.advance(20);
    expect(conditions(world)).toEqual(['FailureTarget PodFailurePolicy', 'Failed PodFailurePolicy']);
    expect(events(world).at(-1)).toMatch(
      /^Warning PodFailurePolicy Container c for pod default\/work-[a-z0-9]{5} failed with exit code 42 matching FailJob rule at index 0$/,
    );
  });

  it('leaves failures uncounted', () => {
    const world = createTestWorld();
    createJob(world, { ...onExit('Ignore'), backoffLimit: 0 }, 0, 42);
    world.advance(60);
    expect(status(world)?.failed).toBeUndefined();
    expect(conditions(world)).toEqual([]);
    expect(podsOf(world).length).toBeGreaterThan(1);
  });
});
