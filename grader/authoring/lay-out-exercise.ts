/**
 * `kubedrill new`: the files of an exercise that is still to be written, laid out so that it loads at once and
 * `kubedrill verify` says what is missing.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isMap, isSeq, parseDocument } from 'yaml';
import type { Localized } from '../exercise/schema.ts';
import { err, ok, type Result } from '../result.ts';
import { schemaFiles } from './json-schemas.ts';

/** Where a new exercise goes. */
export interface ExercisePlace {
  readonly chapter: string;
  readonly section: string;
  readonly id: string;
}

/**
 * Writes the files below a workbook's root and takes the exercise into chapter.yaml, whose comments stay; chapter and
 * section are made where there are none. Gives the paths made, relative to the root. Nothing that is there is overwritten.
 */
export function layOutExercise(
  root: string,
  { chapter, section, id }: ExercisePlace,
): Result<readonly string[], Localized> {
  const at = `${chapter}/${section}/${id}`;
  if (existsSync(join(root, 'chapters', at))) {
    return err({
      ko: `chapters/${at}이(가) 이미 있습니다: 다른 id를 고르세요`,
      en: `chapters/${at} exists already: choose another id`,
    });
  }
  const chapterFile = `chapters/${chapter}/chapter.yaml`;
  const listed = listExercise(
    readText(join(root, chapterFile)) ??
      `# yaml-language-server: $schema=../chapter.schema.json\nid: ${chapter}\ntitle: { ko: ${chapter}, en: ${chapter} }\nsections: []\n`,
    section,
    id,
  );
  if (listed === undefined) {
    return err({
      ko: `${chapterFile}을 YAML로 읽을 수 없거나 sections가 없습니다: 먼저 고치세요`,
      en: `${chapterFile} is not readable as YAML, or has no sections: mend it first`,
    });
  }
  const made: string[] = [];
  const write = (path: string, text: string) => {
    const file = join(root, path);
    if (existsSync(file)) return;
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    made.push(path);
  };
  for (const [path, text] of Object.entries(filesOf(id, section))) write(path.replace('@', at), text);
  for (const language of ['ko', 'en'] as const) {
    write(`chapters/${chapter}/${section}/section.${language}.md`, lessons[language]);
  }
  for (const [path, text] of Object.entries(schemaFiles())) write(path, text);
  if (!existsSync(join(root, chapterFile))) made.push(chapterFile);
  writeFileSync(join(root, chapterFile), listed);
  return ok(made);
}

/** The text of chapter.yaml with the exercise in it; undefined when it can't be put there. */
function listExercise(text: string, section: string, id: string): string | undefined {
  const document = parseDocument(text);
  const sections = document.get('sections');
  if (document.errors.length > 0 || !isSeq(sections)) return undefined;
  sections.flow = false;
  const known = sections.items.find((item) => isMap(item) && item.get('id') === section);
  if (known === undefined) {
    sections.add(document.createNode({ id: section, title: { ko: section, en: section }, exercises: [id] }));
  } else {
    const exercises = isMap(known) ? known.get('exercises') : undefined;
    if (!isSeq(exercises)) return undefined;
    exercises.add(id);
  }
  return document.toString({ lineWidth: 0 });
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

const lessons = {
  ko: '# 제목\n\n한 화면의 설명, 그림 하나.\n\n```\n파드 → 서비스\n```\n\n**기억할 한 문장:** …\n\n공식 문서: https://kubernetes.io/ko/docs/concepts/\n',
  en: '# Title\n\nThe idea on one screen, and one drawing.\n\n```\nPod → Service\n```\n\n**The one sentence to remember:** …\n\nDocumentation: https://kubernetes.io/docs/concepts/\n',
};

const pod = `apiVersion: v1
kind: Pod
metadata:
  name: web
  labels:
    app: web
spec:
  containers:
    - name: web
      image: nginx
`;

const service = `apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector:
    app: web
  ports:
    - port: 80
`;

/** A small exercise that works, to be written over. */
function filesOf(id: string, section: string): Readonly<Record<string, string>> {
  const up = '../../..';
  return {
    'chapters/@/exercise.yaml': `# yaml-language-server: $schema=${up}/exercise.schema.json
id: ${id}
kind: build
title:
  ko: 제목
  en: Title
minutes: 8
terms:
  service: web
  port: 80
world:
  manifests: [world.yaml]
files:
  - path: service.yaml
    role: manifest
checks:
  - id: web-answers
    kind: reach
    says:
      ko: worker-1에서 서비스 $(service)가 응답한다
      en: The Service $(service) answers from worker-1
    from: { node: worker-1 }
    to: { service: { name: $(service) }, port: $(port) }
hints:
  - { ko: 살짝 귀띔하는 힌트, en: A nudge }
  - { ko: 길을 알려 주는 힌트, en: The way }
  - { ko: 거의 답인 힌트, en: Nearly told }
debrief:
  why: { ko: 왜 되는지, en: Why it works }
  bigger: { ko: 더 큰 클러스터에서는, en: On a bigger cluster }
  look: kubectl get endpointslices -l kubernetes.io/service-name=$(service)
`,
    'chapters/@/task.ko.md': `# 제목\n\n서비스 \`$(service)\`를 worker-1에서 $(port) 포트로 부를 수 있게 하세요.\n\n- 주어진 것: 파드 \`web\`.\n- 낼 것: \`service.yaml\`.\n`,
    'chapters/@/task.en.md': `# Title\n\nMake the Service \`$(service)\` answer at port $(port) from worker-1.\n\n- Given: the Pod \`web\`.\n- Hand in: \`service.yaml\`.\n`,
    'chapters/@/world/world.yaml': pod,
    'chapters/@/starter/service.yaml': service.replace('app: web', 'app: …'),
    'solutions/@/solution/service.yaml': service,
    'solutions/@/wrong/another-label/service.yaml': service.replace('app: web', 'app: website'),
    'solutions/@/wrong/another-label/reason.yaml': `# yaml-language-server: $schema=../../../../../reason.schema.json
check: web-answers
cause: selector-matches-nothing
names: ["default/web", "app=website"]
`,
    'solutions/@/wrong/another-port/service.yaml': service.replace(
      'port: 80',
      'port: 80\n      targetPort: 8080',
    ),
    'solutions/@/wrong/another-port/reason.yaml': `# yaml-language-server: $schema=../../../../../reason.schema.json
check: web-answers
cause: nobody-listens
names: ["8080"]
`,
    'solutions/learner.yaml': `# The learner whom the solutions of ${section} are made for.\nid: teacher\n`,
  };
}
