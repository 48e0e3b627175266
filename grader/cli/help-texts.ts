/** What `--help` says, in both languages, with an example for each command. */
import type { Language } from '../../engine/index.ts';

interface CommandText {
  readonly description: string;
  readonly example: string;
}

type CommandName =
  | 'list'
  | 'show'
  | 'check'
  | 'hint'
  | 'glossary'
  | 'images'
  | 'reset'
  | 'shell'
  | 'serve'
  | 'grade'
  | 'verify'
  | 'new';

interface HelpTexts {
  readonly program: string;
  readonly example: string;
  readonly options: Readonly<
    Record<
      | 'lang'
      | 'answers'
      | 'workbook'
      | 'path'
      | 'json'
      | 'command'
      | 'writeValues'
      | 'port'
      | 'kubeconfig'
      | 'frozen'
      | 'help',
      string
    >
  >;
  readonly commands: Readonly<Record<CommandName, CommandText>>;
}

/** One command line for each command, the same in both languages. */
const examples: Readonly<Record<CommandName, string>> = {
  list: 'npx kubedrill list',
  show: 'npx kubedrill show no-nat',
  check: 'npx kubedrill check no-nat',
  hint: 'npx kubedrill hint no-nat',
  glossary: 'npx kubedrill glossary targetPort',
  images: 'npx kubedrill images',
  reset: 'npx kubedrill reset no-nat',
  shell: "npx kubedrill shell no-nat -c 'kubectl get pods -o wide'",
  serve: 'npx kubedrill serve no-nat --kubeconfig ./kubeconfig',
  grade: 'npx kubedrill grade submissions/ --json',
  verify: 'npx kubedrill verify no-nat',
  new: 'npx kubedrill new 06-target-port/two-at-once',
};

/** The texts by language. */
export const helpTexts: Readonly<Record<Language, HelpTexts>> = {
  en: {
    program: 'A workbook for Kubernetes networking. Without a command it opens the workbook.',
    example: 'Example:',
    options: {
      lang: 'language; otherwise KUBEDRILL_LANG, then the locale',
      answers: 'folder of answers; otherwise KUBEDRILL_ANSWERS, then ./answers',
      workbook: 'folder of another workbook; otherwise KUBEDRILL_WORKBOOK, then the one that came along',
      path: 'all exercises, or fast: one for each section',
      json: 'print JSON',
      command: 'run this line and end with its exit code',
      writeValues: 'first compute the values of find exercises and write them into solutions/',
      port: 'port on 127.0.0.1; otherwise a free one',
      kubeconfig: 'file to put the cluster into; otherwise KUBECONFIG, then ~/.kube/config',
      frozen: 'let no time pass but what each request needs',
      help: 'show this help',
    },
    commands: {
      list: { description: 'list the exercises and where each stands', example: examples.list },
      show: {
        description: 'show a task and make its files, or show a section’s lesson',
        example: examples.show,
      },
      check: { description: 'grade the answers, all or those named', example: examples.check },
      hint: { description: 'take the next hint', example: examples.hint },
      glossary: { description: 'list the words of the course, or explain one', example: examples.glossary },
      images: { description: 'list the images that Pods can use', example: examples.images },
      reset: { description: "put the starter's files back; the old answer is kept", example: examples.reset },
      shell: { description: "open a shell in the exercise's cluster", example: examples.shell },
      serve: {
        description: "serve the exercise's cluster to the real kubectl until Ctrl-C",
        example: examples.serve,
      },
      grade: { description: 'grade submissions: folders of answers', example: examples.grade },
      verify: { description: 'check the workbook itself', example: examples.verify },
      new: { description: 'lay out the files of a new exercise', example: examples.new },
    },
  },
  ko: {
    program: '쿠버네티스 네트워킹 문제집. 명령 없이 실행하면 문제집을 엽니다.',
    example: '예:',
    options: {
      lang: '언어. 없으면 KUBEDRILL_LANG, 그다음 로캘을 따릅니다',
      answers: '답이 있는 폴더. 없으면 KUBEDRILL_ANSWERS, 그다음 ./answers',
      workbook: '다른 문제집의 폴더. 없으면 KUBEDRILL_WORKBOOK, 그다음 함께 온 문제집을 씁니다',
      path: 'all은 전부, fast는 절마다 하나',
      json: 'JSON으로 출력',
      command: '이 줄을 실행하고 그 종료 코드로 끝냅니다',
      writeValues: '먼저 find 문제의 값을 계산해 solutions/에 적습니다',
      port: '127.0.0.1의 포트. 없으면 빈 포트를 씁니다',
      kubeconfig: '클러스터를 적을 파일. 없으면 KUBECONFIG, 그다음 ~/.kube/config',
      frozen: '각 요청에 필요한 만큼만 시간이 흐릅니다',
      help: '이 도움말을 보입니다',
    },
    commands: {
      list: { description: '연습 문제의 목록과 상태', example: examples.list },
      show: {
        description: '문제를 보이고 쓸 파일을 만듭니다. 절의 id면 설명을 보입니다',
        example: examples.show,
      },
      check: { description: '답을 채점합니다. 전부 또는 지정한 것', example: examples.check },
      hint: { description: '다음 힌트를 봅니다', example: examples.hint },
      glossary: { description: '용어 목록을 보이거나 용어 하나를 설명합니다', example: examples.glossary },
      images: { description: '파드에 쓸 수 있는 이미지 목록', example: examples.images },
      reset: { description: '처음 파일로 되돌립니다. 있던 답은 남겨 둡니다', example: examples.reset },
      shell: { description: '문제의 클러스터에서 셸을 엽니다', example: examples.shell },
      serve: {
        description: '문제의 클러스터를 Ctrl-C까지 진짜 kubectl에 내줍니다',
        example: examples.serve,
      },
      grade: { description: '제출물(답 폴더)을 채점합니다', example: examples.grade },
      verify: { description: '문제집 자체를 검사합니다', example: examples.verify },
      new: { description: '새 연습 문제의 파일들을 만들어 놓습니다', example: examples.new },
    },
  },
};
