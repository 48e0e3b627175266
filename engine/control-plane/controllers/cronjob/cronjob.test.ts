/**
 * CronJobs on the virtual clock, which starts at 12:00. Source of what is expected: pkg/controller/cronjob
 * (cronjob_controllerv2_test.go) of release 1.36; the times of schedules: robfig/cron v3 (spec_test.go).
 */
import { describe, expect, it } from 'vitest';
import { cronJobs, jobs } from '../../../api/types/resources.ts';
import type { JsonObject } from '../../../base/json.ts';
import { createTestWorld, type TestWorld } from '../../../testing/world.ts';
import { parseSchedule } from './schedule.ts';

describe('a schedule', () => {
  it.each([
    { schedule: '*/15 * * * *', after: '2012-07-09T14:45:00Z', want: '2012-07-09T15:00:00Z' },
    { schedule: '20-35/15 * * * *', after: '2012-07-09T15:45:00Z', want: '2012-07-09T16:20:00Z' },
    { schedule: '0 0 29 feb ?', after: '2012-07-09T23:35:00Z', want: '2016-02-29T00:00:00Z' },
    { schedule: '0 0 * feb mon', after: '2012-07-09T23:35:00Z', want: '2013-02-04T00:00:00Z' },
    { schedule: '0 0 1,15 * sun', after: '2012-07-15T00:00:00Z', want: '2012-07-22T00:00:00Z' },
    { schedule: '@daily', after: '2012-07-15T08:00:00Z', want: '2012-07-16T00:00:00Z' },
    { schedule: '@every 1h30m', after: '2012-07-15T08:00:00Z', want: '2012-07-15T09:30:00Z' },
    { schedule: '0 0 30 feb ?', after: '2012-07-09T23:35:00Z', want: undefined },
    {
      schedule: '0 9 * * *',
      zone: 'Asia/Seoul',
      after: '2026-05-01T00:00:00Z',
      want: '2026-05-02T00:00:00Z',
    },
    {
      // Clocks go from 2:00 to 3:00 on this day, so 2:30 does not come.
      schedule: '30 2 11 mar ?',
      zone: 'America/New_York',
      after: '2012-03-11T05:00:00Z',
      want: '2013-03-11T06:30:00Z',
    },
  ])('$schedule is due after $after at $want', ({ schedule, zone = 'UTC', after, want }) => {
    const due = parseSchedule(schedule, zone)?.(Date.parse(after));
    expect(due === undefined ? undefined : new Date(due).toISOString().replace('.000Z', 'Z')).toBe(want);
  });
});

function createCronJob(world: TestWorld, spec: JsonObject, seconds = '1'): void {
  world.create(cronJobs, 'default', {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: 'tick' },
    spec: {
      schedule: '* * * * *',
      jobTemplate: {
        spec: {
          template: {
            spec: {
              restartPolicy: 'Never',
              containers: [{ name: 'c', image: 'box', command: ['sleep', seconds] }],
            },
          },
        },
      },
      ...spec,
    },
  });
  world.settle();
}

const jobNames = (world: TestWorld) =>
  world.client.list(jobs, 'default').map(({ metadata }) => metadata.name);
/** 2026-05-01T12:00:00Z in minutes. */
const noon = 29_627_280;

describe('a CronJob', () => {
  it('creates a Job at each time, named after the minute', () => {
    const world = createTestWorld();
    createCronJob(world, {});
    world.advance(130);
    expect(jobNames(world)).toEqual([`tick-${noon + 1}`, `tick-${noon + 2}`]);
    expect(world.eventsAbout('tick').slice(0, 3)).toEqual([
      `Normal SuccessfulCreate Created job tick-${noon + 1}`,
      `Normal SawCompletedJob Saw completed job: tick-${noon + 1}, condition: Complete`,
      `Normal SuccessfulCreate Created job tick-${noon + 2}`,
    ]);
  });

  it('keeps three Jobs that succeeded', () => {
    const world = createTestWorld();
    createCronJob(world, {});
    world.advance(310);
    expect(jobNames(world)).toEqual([3, 4, 5].map((minute) => `tick-${noon + minute}`));
  });

  it.each([
    { concurrencyPolicy: 'Allow', want: [1, 2] },
    { concurrencyPolicy: 'Forbid', want: [1] },
    { concurrencyPolicy: 'Replace', want: [2] },
  ])(
    'with $concurrencyPolicy has the Jobs $want when the first takes long',
    ({ concurrencyPolicy, want }) => {
      const world = createTestWorld();
      createCronJob(world, { concurrencyPolicy }, '100');
      world.advance(160);
      expect(jobNames(world)).toEqual(want.map((minute) => `tick-${noon + minute}`));
    },
  );

  it('stands still while it is suspended, and is at rest between times', () => {
    const world = createTestWorld();
    createCronJob(world, { suspend: true });
    world.advance(200);
    expect(jobNames(world)).toEqual([]);
    world.client.mergePatch(cronJobs, 'default', 'tick', { spec: { suspend: false } });
    world.settle();
    expect(jobNames(world)).toEqual([`tick-${noon + 3}`]);
  });
});
