/** Our control plane beside the real one: the same scripts come to the same objects and events. See `scenario.ts`. */
import { expect, it } from 'vitest';
import { openOwnDoor } from './doors.ts';
import { readRecording } from './recording.ts';
import { runScenario } from './scenario.ts';
import { scenarios } from './scenarios.ts';

it.each(scenarios)('$name ends as recorded', async (scenario) => {
  expect(await runScenario(openOwnDoor(), scenario)).toEqual(readRecording(scenario.name));
});
