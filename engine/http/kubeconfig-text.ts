/**
 * A served cluster's entry in a kubeconfig file: put in beside what others keep there, and taken out again. Comments and
 * entries that are not ours stay as they are. It stands for what `kind` and `minikube` do with client-go's clientcmd.
 */
import { type Document, isMap, isSeq, parseDocument, YAMLSeq } from 'yaml';
import { err, ok, type Result } from '../base/result.ts';

/** What a client needs to reach the cluster. */
export interface KubeconfigEntry {
  /** The name of cluster, user and context. */
  readonly name: string;
  readonly server: string;
  /** PEM. */
  readonly certificate: string;
  readonly token: string;
}

/** A file with our entry in it. */
export interface MergedKubeconfig {
  readonly text: string;
  /** The context that was current before; empty when none was, or when it was a left-over entry of ours. */
  readonly previousContext: string;
}

const lists = ['clusters', 'contexts', 'users'] as const;

/** Puts the entry into a file's text (empty for a new file) and makes its context current. */
export function mergeEntry(text: string, entry: KubeconfigEntry): Result<MergedKubeconfig, string> {
  const parsed = parseConfig(text);
  if (!parsed.ok) return parsed;
  const document = parsed.value;
  const current = document.get('current-context');
  const { name } = entry;
  const values = {
    clusters: {
      name,
      cluster: {
        server: entry.server,
        'certificate-authority-data': Buffer.from(entry.certificate).toString('base64'),
      },
    },
    contexts: { name, context: { cluster: name, user: name } },
    users: { name, user: { token: entry.token } },
  };
  for (const list of lists) {
    removeNamed(document, list, name);
    let items = document.get(list);
    if (!isSeq(items)) {
      items = new YAMLSeq();
      document.set(list, items);
    }
    if (isSeq(items)) {
      items.flow = false;
      items.add(document.createNode(values[list]));
    }
  }
  document.set('current-context', name);
  return ok({
    text: document.toString({ lineWidth: 0 }),
    previousContext: typeof current === 'string' && current !== name ? current : '',
  });
}

/**
 * Takes the entry out of a file's text. Another server's entry under the same name stays.
 *
 * @returns the new text, undefined when nothing is left in the file, or a failure when it is no kubeconfig any more.
 */
export function removeEntry(
  text: string,
  entry: KubeconfigEntry,
  previousContext: string,
): Result<string | undefined, string> {
  const parsed = parseConfig(text);
  if (!parsed.ok) return parsed;
  const document = parsed.value;
  if (tokenOf(document, entry.name) !== entry.token) return ok(text);
  for (const list of lists) removeNamed(document, list, entry.name);
  if (document.get('current-context') === entry.name) {
    const isThere = previousContext !== '' && indexOf(document, 'contexts', previousContext) >= 0;
    document.set('current-context', isThere ? previousContext : '');
  }
  const isEmpty = lists.every((list) => {
    const items = document.get(list);
    return !isSeq(items) || items.items.length === 0;
  });
  return ok(isEmpty ? undefined : document.toString({ lineWidth: 0 }));
}

function parseConfig(text: string): Result<Document, string> {
  const isNew = text.trim() === '';
  const document: Document = parseDocument(isNew ? 'apiVersion: v1\nkind: Config\n' : text, {
    logLevel: 'silent',
  });
  const [problem] = document.errors;
  if (problem !== undefined) return err(problem.message.split('\n', 1)[0] ?? 'not YAML');
  if (!isMap(document.contents)) return err('it is no kubeconfig');
  const wrong = lists.find((list) => {
    const items = document.get(list);
    return items !== undefined && items !== null && !isSeq(items);
  });
  return wrong === undefined ? ok(document) : err(`its ${wrong} are no list`);
}

function indexOf(document: Document, list: (typeof lists)[number], name: string): number {
  const items = document.get(list);
  if (!isSeq(items)) return -1;
  return items.items.findIndex((item) => isMap(item) && item.get('name') === name);
}

function removeNamed(document: Document, list: (typeof lists)[number], name: string): void {
  for (let at = indexOf(document, list, name); at >= 0; at = indexOf(document, list, name)) {
    document.deleteIn([list, at]);
  }
}

function tokenOf(document: Document, name: string): unknown {
  return document.getIn(['users', indexOf(document, 'users', name), 'user', 'token']);
}
