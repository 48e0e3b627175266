import { expect, it } from 'vitest';
import { findManifestSlip } from './manifest-slips.ts';

it.each([
  { name: 'nothing', text: '', want: [1, 1, { kind: 'empty' }] },
  { name: 'comments and separators', text: '# later\n---\n\n---\n', want: [1, 1, { kind: 'empty' }] },
  {
    name: 'a tab',
    text: 'metadata:\n\tname: web\n',
    want: [2, 1, { kind: 'tab' }],
  },
  {
    name: 'a shell’s line',
    text: '$ kubectl expose rc web --port=80\n',
    want: [1, 1, { kind: 'pasted', what: 'command' }],
  },
  {
    name: 'what a command printed',
    text: 'kind: Service\nservice/web created\n',
    want: [2, 1, { kind: 'pasted', what: 'output' }],
  },
  {
    name: 'a table',
    text: 'NAME   TYPE        CLUSTER-IP\nweb    ClusterIP   10.96.0.7\n',
    want: [1, 1, { kind: 'pasted', what: 'output' }],
  },
  { name: 'Markdown', text: '```yaml\nkind: Service\n```\n', want: [1, 1, { kind: 'code-fence' }] },
  {
    name: 'a sentence in Korean',
    text: '\n서비스를 만든다\n',
    want: [2, 1, { kind: 'plain-text', text: '서비스를 만든다' }],
  },
  { name: 'a list of objects', text: '- kind: Service\n- kind: Pod\n', want: [1, 1, { kind: 'list' }] },
  {
    name: 'a colon of full width',
    text: 'spec:\n  type： NodePort\n  clusterIP: None\n',
    want: [2, 7, { kind: 'lookalike', character: '：', instead: ':' }],
  },
  {
    name: 'a space that is none',
    text: 'spec:\n\u00a0\u00a0type: NodePort\n  clusterIP: None\n',
    want: [2, 1, { kind: 'lookalike', character: '\u00a0', instead: 'space' }],
  },
  {
    name: 'no space behind a colon',
    text: 'spec:\n  type:NodePort\n  clusterIP: None\n',
    want: [2, 3, { kind: 'no-colon', text: 'type:NodePort' }],
  },
  {
    name: 'a line too deep',
    text: 'spec:\n  type: NodePort\n   selector:\n    app: web\n',
    want: [3, 4, { kind: 'indentation' }],
  },
  {
    name: 'a line not deep enough',
    text: 'spec:\n   type: NodePort\n  selector:\n    app: web\n',
    want: [3, 3, { kind: 'indentation' }],
  },
  { name: 'two fields in a line', text: 'spec: type: NodePort\n', want: [1, 7, { kind: 'colon-in-value' }] },
  {
    name: 'a quote that stays open',
    text: 'kind: "Service\nmetadata: {}\n',
    want: [1, 1, { kind: 'open-quote' }],
  },
])('tells $name', ({ text, want }) => {
  const [line, column, slip] = want;
  expect(findManifestSlip(text)).toEqual({ line, column, slip });
});

it.each([
  { name: 'objects', text: 'kind: Service\n---\nkind: Pod\n' },
  { name: 'an odd character in a comment of sound YAML', text: 'kind: Service # “web”\n' },
])('finds none in $name', ({ text }) => {
  expect(findManifestSlip(text)).toBeUndefined();
});
