/** A workbook of two exercises, for tests of what surrounds exercises. */

export const smallWorkbook: Readonly<Record<string, string>> = {
  'package.json': '{}',
  'chapters/01-first/chapter.yaml': `id: 01-first
title: { ko: 첫 장, en: First }
sections:
  - id: 01-services
    title: { ko: 서비스, en: Services }
    exercises: [give-it-a-name, count-the-pods]
`,
  'chapters/01-first/01-services/section.ko.md': '# 서비스\n',
  'chapters/01-first/01-services/section.en.md': '# Services\n',
  'chapters/01-first/01-services/give-it-a-name/exercise.yaml': `id: give-it-a-name
kind: build
title: { ko: 이름 붙이기, en: Give it a name }
minutes: 3
world:
  manifests: [web.yaml]
files:
  - { path: service.yaml, role: manifest }
checks:
  - id: there-is-a-service
    kind: object
    says: { ko: 서비스 web이 있습니다, en: the Service web exists }
    resource: svc
    name: web
  - id: web-answers
    kind: reach
    says: { ko: web이 응답합니다, en: web answers }
    needs: [there-is-a-service]
    points: 2
    from: { pod: { name: client } }
    to: { url: 'http://web' }
    answer: { status: 200, bodyMatches: nginx, fromPod: { labels: { app: web } } }
hints:
  - { ko: 하나, en: one }
  - { ko: 둘, en: two }
  - { ko: 셋, en: three }
debrief: { why: { ko: 까닭, en: why }, bigger: { ko: 더 크면, en: bigger }, look: kubectl get svc }
`,
  'chapters/01-first/01-services/give-it-a-name/task.ko.md': '# 이름 붙이기\n\n서비스를 만드세요.\n',
  'chapters/01-first/01-services/give-it-a-name/task.en.md': '# Give it a name\n\nMake a Service.\n',
  'chapters/01-first/01-services/give-it-a-name/starter/service.yaml':
    'apiVersion: v1\nkind: Service\nmetadata:\n  name: web\nspec:\n  selector: {}\n  ports: []\n',
  'chapters/01-first/01-services/give-it-a-name/world/web.yaml': `apiVersion: v1
kind: Pod
metadata: { name: web-0, labels: { app: web } }
spec:
  containers: [{ name: web, image: nginx }]
---
apiVersion: v1
kind: Pod
metadata: { name: client }
spec:
  containers: [{ name: client, image: busybox, command: [sleep, '3600'] }]
`,
  'chapters/01-first/01-services/count-the-pods/exercise.yaml': `id: count-the-pods
kind: run
title: { ko: 파드 세기, en: Count the Pods }
minutes: 2
needs: [give-it-a-name]
world:
  commands: ['kubectl run web --image=nginx']
files:
  - { path: count.sh, role: script }
checks:
  - id: prints-one
    kind: output
    says: { ko: 1을 출력합니다, en: it prints 1 }
    of: count.sh
    stdoutMatches: ['^1$']
    scriptMatches: ['kubectl get pods?']
hints:
  - { ko: 하나, en: one }
  - { ko: 둘, en: two }
  - { ko: 셋, en: three }
debrief: { why: { ko: 까닭, en: why }, bigger: { ko: 더 크면, en: bigger }, look: kubectl get svc }
`,
  'chapters/01-first/01-services/count-the-pods/task.ko.md': '# 파드 세기\n',
  'chapters/01-first/01-services/count-the-pods/task.en.md': '# Count the Pods\n',
  'chapters/01-first/01-services/count-the-pods/starter/count.sh': '# your commands\n',
};

/** A right answer to each, below a folder of answers. */
export const smallAnswers: Readonly<Record<string, string>> = {
  'learner.yaml': 'id: test\n',
  '01-first/01-services/give-it-a-name/service.yaml':
    'apiVersion: v1\nkind: Service\nmetadata:\n  name: web\nspec:\n  selector:\n    app: web\n  ports:\n  - port: 80\n',
  '01-first/01-services/count-the-pods/count.sh': 'kubectl get pods --no-headers | wc -l | tr -d " "\n',
};
