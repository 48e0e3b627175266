/** What is wrong with a manifest, told in English. */
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
      nextStep: 'Fix this line; the other documents of the file are not affected.',
    };
  }
  const { sentence, nextStep } = tellSlip(slip, file);
  const words = message === '' || slip.kind === 'empty' ? '' : ` (In kubectl's words: ${message})`;
  return { sentence: `${at}: ${sentence}${words}`, nextStep };
}

function tellSlip(slip: ManifestSlip, file: string): ToldCause {
  switch (slip.kind) {
    case 'empty':
      return {
        sentence: 'the file holds no object, only blank lines, comments or ---.',
        nextStep: `Write a manifest into ${file}, or bring the starter back with \`kubedrill reset\`.`,
      };
    case 'pasted':
      return {
        sentence:
          slip.what === 'command'
            ? 'this is a command, but the file has to hold YAML: what the command would make.'
            : 'this is what a command printed, but the file has to hold YAML.',
        nextStep:
          'kubectl writes the YAML for you: add `--dry-run=client -o yaml` to a create, run or expose, or take `kubectl get … -o yaml`.',
      };
    case 'code-fence':
      return {
        sentence: 'the line ``` belongs to a Markdown text, not to YAML.',
        nextStep: 'Delete the lines with ``` before and behind the manifest.',
      };
    case 'plain-text':
      return {
        sentence: `"${slip.text}" is plain text, but a manifest consists of lines like \`kind: Service\`.`,
        nextStep: 'Write apiVersion, kind, metadata and spec, or put a # before what is a remark.',
      };
    case 'list':
      return {
        sentence: 'the file is one list, but kubectl wants objects.',
        nextStep: 'Begin each object without `- ` in the first column, and part several with a line `---`.',
      };
    case 'tab':
      return {
        sentence: 'the line is indented with a tab, and YAML allows spaces only.',
        nextStep:
          'Put two spaces for each level in the place of the tab, and have your editor do so for .yaml.',
      };
    case 'lookalike':
      return {
        sentence: `the character "${slip.character}" (${codePoint(slip.character)}) only looks like ${slip.instead === 'space' ? 'a space' : `"${slip.instead}"`}.`,
        nextStep:
          'Type it again on the keyboard, with an input method for Latin letters; it often comes with a paste.',
      };
    case 'indentation':
      return {
        sentence: 'the line is indented by a number of spaces that fits no line above it.',
        nextStep:
          'Fields that belong together begin in the same column; what belongs to a field stands two spaces deeper.',
      };
    case 'no-colon':
      return {
        sentence: `"${slip.text}" is no \`key: value\`: the colon or the space behind it is missing.`,
        nextStep: 'Write a colon and a space between the name of the field and its value.',
      };
    case 'colon-in-value':
      return {
        sentence: 'the value holds a second colon with a space behind it.',
        nextStep: 'Begin a new line for the second field, or put the whole value in quotes.',
      };
    case 'open-quote':
      return {
        sentence: 'a quotation mark is opened in this line and not closed.',
        nextStep: 'Close the quotation mark, or take it away.',
      };
  }
}

/** An object that was not taken. */
export function tellRefused({ file, line, column, message, hint }: Refused): ToldCause {
  const at = namePlaceInFile(file, line, column);
  if (hint === undefined) {
    return {
      sentence: `The API server refused ${at === '' ? 'the object' : at}: ${message}`,
      nextStep: 'Fix the field that the message names and apply again.',
    };
  }
  const { sentence, nextStep } = tellHint(hint);
  return {
    sentence: `${at === '' ? '' : `${at}: `}${sentence} (The words of the refusal: ${message})`,
    nextStep,
  };
}

function tellHint(hint: RefusalHint): ToldCause {
  switch (hint.kind) {
    case 'unknown-field':
      return {
        sentence: `${/^[AEIOU]/.test(hint.objectKind) ? 'an' : 'a'} ${hint.objectKind} has no field ${hint.path}.`,
        nextStep:
          hint.nearest !== undefined
            ? `Did you mean ${hint.nearest}? Capitals count.`
            : hint.elsewhere !== undefined
              ? `A field of that name is at ${hint.elsewhere}: move it there, and mind the indentation.`
              : `\`kubectl explain ${explainArguments(hint.objectKind, hint.path)}\` lists the fields that there are.`,
      };
    case 'unknown-kind':
      return {
        sentence: `there is no kind ${hint.objectKind} in ${hint.apiVersion}.`,
        nextStep:
          hint.meant === undefined
            ? '`kubectl api-resources` lists the kinds with their apiVersion.'
            : `Write \`apiVersion: ${hint.meant.apiVersion}\` and \`kind: ${hint.meant.kind}\`.`,
      };
    case 'not-set':
      return {
        sentence: `the object has no ${hint.field}.`,
        nextStep:
          'Each object begins with apiVersion and kind, in exactly this spelling. See to it that no stray `---` cuts it in two.',
      };
    case 'wrong-type':
      return {
        sentence: `${hint.path} has to be ${types[hint.wanted]}, but is ${hint.value === undefined ? types[hint.found] : `${types[hint.found]} (${hint.value})`}.`,
        nextStep: howToWrite(hint),
      };
    case 'namespace-missing':
      return {
        sentence: `there is no namespace ${hint.namespace} yet, so nothing can be made in it.`,
        nextStep: `Compare metadata.namespace with \`kubectl get namespaces\`, or make the Namespace ${hint.namespace} first, above this object.`,
      };
    case 'immutable':
      return {
        sentence: `${hint.path} of an object that exists can't be changed.`,
        nextStep: 'Leave the field as it was; or delete the object and make it again.',
      };
    case 'over-quota':
      return {
        sentence: `the ResourceQuota ${hint.quota} leaves no room for the object.`,
        nextStep: `\`kubectl describe quota ${hint.quota} -n ${hint.namespace}\` shows what is used and what is allowed.`,
      };
    case 'required':
      return { sentence: `${hint.path} is missing.`, nextStep: `Add ${hint.path} and apply again.` };
    case 'bad-name':
      return {
        sentence: `"${hint.value}" can't stand in ${hint.path}.`,
        nextStep:
          hint.what === 'host'
            ? 'Write the bare host name, such as shop.example.com: small letters, digits, hyphens and dots, without http:// and without a port.'
            : hint.what === 'name'
              ? 'A name consists of small letters a to z, digits and hyphens, and begins and ends with a letter or digit.'
              : 'The value of a label consists of letters a to z, digits, hyphens, dots and underscores, 63 at most.',
      };
    case 'not-one-of':
      return {
        sentence: `${hint.path} can't be ${hint.value === '' ? 'empty' : hint.value}.`,
        nextStep:
          hint.nearest === undefined
            ? `Choose one of ${hint.values.join(', ')}.`
            : `Did you mean ${hint.nearest}? Capitals count.`,
      };
    case 'out-of-range':
      return {
        sentence: `${hint.path} can't be ${hint.value}: only ${hint.range} is handed out for it.`,
        nextStep: `Choose one from ${hint.range}, or leave the field out and be given a free one.`,
      };
    case 'taken':
      return {
        sentence: `${hint.path} can't be ${hint.value}: another Service has it already.`,
        nextStep:
          'See who has it with `kubectl get services -A`, and choose another, or leave the field out.',
      };
  }
}

function howToWrite({ wanted, found, path }: Extract<RefusalHint, { readonly kind: 'wrong-type' }>): string {
  if (wanted === 'number') return 'Write a bare number, without quotes and without anything else.';
  if (wanted === 'boolean') return 'Write true or false, without quotes.';
  if (wanted === 'list') return 'Put `- ` before each entry of the list.';
  if (wanted === 'map') return 'Write `name: value` in the lines below it, two spaces deeper.';
  return found === 'map' || found === 'list'
    ? `Write a single value. What stands below ${path} now belongs elsewhere, perhaps one level higher.`
    : `Put the value in quotes; without them YAML takes it for ${types[found]}.`;
}

const types: Readonly<Record<ValueType, string>> = {
  text: 'a text',
  number: 'a number',
  boolean: 'true or false',
  list: 'a list',
  map: 'a group of fields',
};
