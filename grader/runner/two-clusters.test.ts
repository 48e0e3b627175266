/** An exercise with a second cluster in its world: contexts in the shell, and checks that name the cluster. */
import { beforeAll, describe, expect, it } from 'vitest';
import { createDefinitionReader, noneCompiled } from '../exercise/definitions.ts';
import { loadWorkbook } from '../exercise/load-workbook.ts';
import type { ExerciseResult } from '../exercise/result.ts';
import { loadEngine } from '../load-engine.ts';
import { readAnswer } from '../submission/answer.ts';
import { makeFolder } from '../testing/temporary-folder.ts';
import { gradeAnswer } from './grade-answer.ts';
import { createWorlds, type Worlds } from './worlds.ts';

const folder = 'chapters/01-first/01-far/reach-the-other';
const pod = (name: string) => `apiVersion: v1
kind: Pod
metadata: { name: ${name}, labels: { app: ${name} } }
spec:
  containers: [{ name: ${name}, image: nginx }]
`;
const workbook: Readonly<Record<string, string>> = {
  'package.json': '{}',
  'chapters/01-first/chapter.yaml': `id: 01-first
title: { ko: 첫 장, en: First }
sections:
  - id: 01-far
    title: { ko: 먼 곳, en: Far }
    exercises: [reach-the-other]
`,
  'chapters/01-first/01-far/section.ko.md': '# 먼 곳\n',
  'chapters/01-first/01-far/section.en.md': '# Far\n',
  [`${folder}/exercise.yaml`]: `id: reach-the-other
kind: run
title: { ko: 다른 클러스터, en: The other cluster }
minutes: 3
world:
  manifests: [client.yaml]
  second:
    manifests: [second/web.yaml]
files:
  - { path: run.sh, role: script }
checks:
  - id: it-is-open
    kind: object
    says: { ko: 두 번째 클러스터의 서비스, en: a Service of the second cluster }
    resource: svc
    name: web
    cluster: second
    fields: { .spec.type: LoadBalancer }
  - id: it-answers
    kind: reach
    says: { ko: 응답합니다, en: it answers }
    needs: [it-is-open]
    from: { pod: { name: client } }
    to: { loadBalancer: { name: web, cluster: second }, port: 80 }
    answer: { status: 200, fromPod: { labels: { app: web }, cluster: second } }
  - id: names-stay-at-home
    kind: resolve
    says: { ko: 이름, en: the name is known there only }
    from: { pod: { name: web, cluster: second } }
    name: web.default
    want: { addresses: [{ resource: svc, name: web, path: .spec.clusterIP, cluster: second }] }
hints:
  - { ko: 하나, en: one }
  - { ko: 둘, en: two }
  - { ko: 셋, en: three }
debrief: { why: { ko: 까닭, en: why }, bigger: { ko: 더 크면, en: bigger }, look: kubectl get svc }
`,
  [`${folder}/task.ko.md`]: '# 다른 클러스터\n\n가세요.\n',
  [`${folder}/task.en.md`]: '# The other cluster\n\nGo.\n',
  [`${folder}/starter/run.sh`]: '# here\n',
  [`${folder}/world/client.yaml`]: pod('client'),
  [`${folder}/world/second/web.yaml`]: pod('web'),
};

describe('an exercise with two clusters', () => {
  let worlds: Worlds;
  beforeAll(async () => {
    worlds = createWorlds(await loadEngine());
  });

  async function grade(script: string): Promise<ExerciseResult> {
    const { workbook: loaded, problems } = await loadWorkbook(
      makeFolder(workbook),
      createDefinitionReader(noneCompiled),
    );
    expect(problems).toEqual([]);
    const [exercise] = loaded.exercises;
    if (exercise === undefined) throw new Error('no exercise');
    const answer = readAnswer(makeFolder({ '01-first/01-far/reach-the-other/run.sh': script }), exercise);
    return gradeAnswer(worlds, { exercise, learnerId: 'test', answer });
  }

  it('passes when the other cluster was told', async () => {
    const result = await grade(
      'kubectl config use-context kubernetes-admin@second\nkubectl expose pod web --port 80 --type LoadBalancer\n',
    );
    expect(result, JSON.stringify(result)).toMatchObject({ status: 'passed' });
  });

  it.each([
    [
      'says that the Service is in the wrong cluster by its absence in the right one',
      'kubectl expose pod client --name web --port 80 --type LoadBalancer',
      'object-missing',
    ],
    [
      'says that the Service of the other cluster has another type',
      'kubectl --context kubernetes-admin@second expose pod web --port 80',
      'field-differs',
    ],
  ])('%s', async (_, script, code) => {
    expect((await grade(`${script}\n`)).checks[0]?.cause?.code).toBe(code);
  });

  it('explains what failed there from what is there', async () => {
    const result = await grade(
      'kubectl --context kubernetes-admin@second expose pod web --port 80 --target-port 81 --type LoadBalancer\n',
    );
    expect(result.checks[1]?.cause).toMatchObject({ code: 'nobody-listens', port: 81, listening: [80] });
  });
});
