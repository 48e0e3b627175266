/** What is wrong with a manifest, told in Korean. */
import type { Cause, ToldCause } from './cause.ts';
import type { ManifestSlip, RefusalHint, ValueType } from './manifest-trouble.ts';
import { codePoint, explainArguments, namePlaceInFile } from './sentences.ts';

type Broken = Extract<Cause, { readonly code: 'broken-manifest' }>;
type Refused = Extract<Cause, { readonly code: 'refused-by-api-server' }>;

/** A file that holds no objects. */
export function tellBroken({ file, line, column, message, slip }: Broken): ToldCause {
  const at = `${file}:${line}:${column}`;
  if (slip === undefined) {
    return {
      sentence: `${at}: ${message}`,
      nextStep: '이 줄을 고치세요. 같은 파일의 다른 문서에는 영향이 없습니다.',
    };
  }
  const { sentence, nextStep } = tellSlip(slip, file);
  const words = message === '' || slip.kind === 'empty' ? '' : ` (kubectl의 메시지: ${message})`;
  return { sentence: `${at}: ${sentence}${words}`, nextStep };
}

function tellSlip(slip: ManifestSlip, file: string): ToldCause {
  switch (slip.kind) {
    case 'empty':
      return {
        sentence: '빈 줄, 주석, ---뿐이고 오브젝트가 하나도 없습니다.',
        nextStep: `${file} 파일에 매니페스트를 쓰세요. \`kubedrill reset\` 명령으로 처음 파일을 되살릴 수도 있습니다.`,
      };
    case 'pasted':
      return {
        sentence:
          slip.what === 'command'
            ? '이 줄은 명령입니다. 이 파일에는 명령이 아니라, 명령이 만들 오브젝트를 YAML로 적어야 합니다.'
            : '이 줄은 명령의 출력입니다. 이 파일에는 YAML을 적어야 합니다.',
        nextStep:
          'YAML은 kubectl이 만들어 줍니다. create, run, expose 명령에 `--dry-run=client -o yaml`을 붙이거나, `kubectl get … -o yaml`을 쓰세요.',
      };
    case 'code-fence':
      return {
        sentence: '``` 줄은 마크다운의 것이고 YAML이 아닙니다.',
        nextStep: '매니페스트 앞뒤의 ``` 줄을 지우세요.',
      };
    case 'plain-text':
      return {
        sentence: `"${slip.text}"은(는) 그냥 글입니다. 매니페스트는 \`kind: Service\` 같은 줄로 이루어집니다.`,
        nextStep: 'apiVersion, kind, metadata, spec을 적으세요. 메모라면 앞에 #을 붙이세요.',
      };
    case 'list':
      return {
        sentence: '파일 전체가 목록 하나입니다. kubectl이 받는 것은 오브젝트입니다.',
        nextStep: '오브젝트를 첫 칸의 `- ` 없이 시작하고, 여럿이면 `---` 줄로 나누세요.',
      };
    case 'tab':
      return {
        sentence: '탭 문자로 들여 썼습니다. YAML의 들여쓰기에는 공백만 쓸 수 있습니다.',
        nextStep:
          '탭을 지우고 한 단계마다 공백 두 칸을 쓰세요. 편집기에서 .yaml 파일은 공백으로 들여 쓰도록 설정해 두면 편합니다.',
      };
    case 'lookalike':
      return {
        sentence: `"${slip.character}" 문자(${codePoint(slip.character)})는 ${slip.instead === 'space' ? '공백' : `"${slip.instead}"`}처럼 보이지만 다른 문자입니다.`,
        nextStep:
          '한글이나 전각 입력 상태를 끄고 직접 다시 입력하세요. 웹 페이지나 문서에서 붙여 넣을 때 흔히 섞여 들어옵니다.',
      };
    case 'indentation':
      return {
        sentence: '들여쓰기가 위의 어느 줄과도 맞지 않습니다.',
        nextStep:
          '나란한 필드는 같은 칸에서 시작하고, 어떤 필드에 속한 것은 그보다 두 칸 안쪽에서 시작합니다.',
      };
    case 'no-colon':
      return {
        sentence: `"${slip.text}": \`키: 값\`의 모양이 아닙니다. 콜론이 없거나 콜론 뒤에 공백이 없습니다.`,
        nextStep: '필드 이름과 값 사이에 콜론과 공백을 차례로 적으세요.',
      };
    case 'colon-in-value':
      return {
        sentence: '값 안에 공백이 뒤따르는 콜론이 또 있습니다.',
        nextStep: '필드가 둘이라면 줄을 나누고, 값 하나라면 전체를 따옴표로 감싸세요.',
      };
    case 'open-quote':
      return {
        sentence: '이 줄에서 연 따옴표가 닫히지 않았습니다.',
        nextStep: '따옴표를 닫거나 지우세요.',
      };
  }
}

/** An object that was not taken. */
export function tellRefused({ file, line, column, message, hint }: Refused): ToldCause {
  const at = namePlaceInFile(file, line, column);
  if (hint === undefined) {
    return {
      sentence: `API 서버가 오브젝트를 거부했습니다${at === '' ? '' : ` (${at})`}: ${message}`,
      nextStep: '메시지에 나온 필드를 고쳐 다시 적용하세요.',
    };
  }
  const { sentence, nextStep } = tellHint(hint);
  return {
    sentence: `${at === '' ? '' : `${at}: `}${sentence} (거부한 쪽의 메시지: ${message.replaceAll('\n', ' ')})`,
    nextStep,
  };
}

function tellHint(hint: RefusalHint): ToldCause {
  switch (hint.kind) {
    case 'unknown-field':
      return {
        sentence: `${hint.objectKind}에는 ${hint.path} 필드가 없습니다.`,
        nextStep:
          hint.nearest !== undefined
            ? `혹시 ${hint.nearest} 아닌가요? 대문자와 소문자도 구별합니다.`
            : hint.elsewhere !== undefined
              ? `같은 이름의 필드는 ${hint.elsewhere} 자리에 있습니다. 들여쓰기를 확인해 그리로 옮기세요.`
              : `\`kubectl explain ${explainArguments(hint.objectKind, hint.path)}\` 명령으로 쓸 수 있는 필드를 볼 수 있습니다.`,
      };
    case 'unknown-kind':
      return {
        sentence: `${hint.apiVersion}에는 ${hint.objectKind} 종류가 없습니다.`,
        nextStep:
          hint.meant === undefined
            ? '`kubectl api-resources` 명령으로 오브젝트의 종류와 apiVersion을 볼 수 있습니다.'
            : `이렇게 적으세요: \`apiVersion: ${hint.meant.apiVersion}\`, \`kind: ${hint.meant.kind}\``,
      };
    case 'not-set':
      return {
        sentence: `오브젝트에 ${hint.field} 값이 없습니다.`,
        nextStep:
          '오브젝트마다 apiVersion과 kind가 꼭 있어야 하고, 대문자와 소문자까지 이대로 적어야 합니다. `---` 줄이 오브젝트 하나를 둘로 나누지 않았는지도 확인하세요.',
      };
    case 'wrong-type':
      return {
        sentence: `${hint.path}에는 ${types[hint.wanted]} 와야 하는데 ${types[hint.found]} 있습니다${hint.value === undefined ? '' : `(${hint.value})`}.`,
        nextStep: howToWrite(hint),
      };
    case 'namespace-missing':
      return {
        sentence: `네임스페이스 ${hint.namespace}: 아직 없어서 그 안에 아무것도 만들 수 없습니다.`,
        nextStep: `metadata.namespace를 \`kubectl get namespaces\`와 비교하세요. 새 네임스페이스라면 이 오브젝트보다 위에 Namespace ${hint.namespace} 매니페스트를 두세요.`,
      };
    case 'immutable':
      return {
        sentence: `이미 있는 오브젝트의 ${hint.path} 값은 바꿀 수 없습니다.`,
        nextStep: '원래 값으로 두거나, 오브젝트를 지우고 새로 만드세요.',
      };
    case 'over-quota':
      return {
        sentence: `리소스 쿼터 ${hint.quota}의 한도를 넘어 오브젝트를 만들 수 없습니다.`,
        nextStep: `\`kubectl describe quota ${hint.quota} -n ${hint.namespace}\` 명령으로 쓴 양과 한도를 비교하세요.`,
      };
    case 'required':
      return {
        sentence: `꼭 있어야 하는 ${hint.path} 값이 없습니다.`,
        nextStep: `${hint.path} 값을 적어 다시 적용하세요.`,
      };
    case 'bad-name':
      return {
        sentence: `${hint.path}에는 "${hint.value}" 같은 값을 쓸 수 없습니다.`,
        nextStep:
          hint.what === 'host'
            ? 'http://나 포트 없이 호스트 이름만 적으세요(예: shop.example.com). 영어 소문자, 숫자, 하이픈(-), 점(.)만 쓸 수 있습니다.'
            : hint.what === 'name'
              ? '이름에는 영어 소문자, 숫자, 하이픈(-)만 쓸 수 있고, 처음과 끝은 글자나 숫자여야 합니다.'
              : '레이블의 값에는 영어 글자, 숫자, 하이픈(-), 점(.), 밑줄(_)만 63자까지 쓸 수 있습니다.',
      };
    case 'not-one-of':
      return {
        sentence: `${hint.path}에는 ${hint.value === '' ? '빈 값을' : `"${hint.value}" 값을`} 쓸 수 없습니다.`,
        nextStep:
          hint.nearest === undefined
            ? `다음 중에서 고르세요: ${hint.values.join(', ')}`
            : `혹시 ${hint.nearest} 아닌가요? 대문자와 소문자도 구별합니다.`,
      };
    case 'out-of-range':
      return {
        sentence: `${hint.path}에 적은 ${hint.value}: 쓸 수 있는 범위(${hint.range}) 밖입니다.`,
        nextStep: `${hint.range} 안에서 고르거나, 필드를 빼서 API 서버가 빈 것을 고르게 하세요.`,
      };
    case 'taken':
      return {
        sentence: `${hint.path}에 적은 ${hint.value}: 다른 서비스가 이미 쓰고 있습니다.`,
        nextStep: '누가 쓰는지 `kubectl get services -A`로 보고 다른 값을 고르거나, 필드를 빼세요.',
      };
  }
}

function howToWrite({ wanted, found, path }: Extract<RefusalHint, { readonly kind: 'wrong-type' }>): string {
  if (wanted === 'number') return '따옴표나 다른 글자 없이 숫자만 적으세요.';
  if (wanted === 'boolean') return '따옴표 없이 true나 false를 적으세요.';
  if (wanted === 'list') return '목록의 항목마다 앞에 `- `를 붙이세요.';
  if (wanted === 'map') return '그 아래 줄에 두 칸 들여 `이름: 값` 모양으로 적으세요.';
  return found === 'map' || found === 'list'
    ? `값을 하나만 적으세요. 지금 ${path} 아래에 있는 것은 다른 자리, 아마 한 단계 위에 있어야 합니다.`
    : '값을 따옴표로 감싸세요. 따옴표가 없으면 YAML이 다른 것으로 읽습니다.';
}

/** With the particle that a subject takes. */
const types: Readonly<Record<ValueType, string>> = {
  text: '텍스트가',
  number: '숫자가',
  boolean: 'true나 false가',
  list: '목록이',
  map: '필드들의 묶음이',
};
