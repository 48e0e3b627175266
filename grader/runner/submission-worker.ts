/**
 * A thread that grades one answer per message. Whatever a submission does to it, hang it or exhaust its memory, is ended by
 * ending the thread; see {@link ./grade-submissions.ts}.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { loadWorkbook } from '../exercise/load-workbook.ts';
import type { ExerciseResult } from '../exercise/result.ts';
import { loadEngine } from '../load-engine.ts';
import { readAnswer } from '../submission/answer.ts';
import { gradeAnswer } from './grade-answer.ts';
import { erroredResult } from './results.ts';
import { createWorlds } from './worlds.ts';

/** What the thread is asked. */
export interface GradeRequest {
  readonly answersFolder: string;
  readonly learnerId: string;
  readonly exerciseId: string;
}

const root: unknown = workerData;
const { workbook } = await loadWorkbook(String(root));
const worlds = createWorlds(await loadEngine());

parentPort?.on('message', async (request: GradeRequest) => {
  parentPort?.postMessage(await grade(request));
});

async function grade({ answersFolder, learnerId, exerciseId }: GradeRequest): Promise<ExerciseResult> {
  const exercise = workbook.exercises.find(({ id }) => id === exerciseId);
  if (exercise === undefined) throw new Error(`the workbook has no exercise ${exerciseId}`);
  try {
    const answer = readAnswer(answersFolder, exercise);
    return await gradeAnswer(worlds, { exercise, learnerId, answer });
  } catch (error) {
    return erroredResult(exercise, error instanceof Error ? error.message : String(error));
  }
}
