/** One line once through a real kubectl and once through ours, each on a fork of the same cluster. */
import type { Cluster } from '../../cluster.ts';
import { files, type Line } from './lines.ts';
import type { LineResult, RealKubectl } from './real-kubectl.ts';

/** Both results, made comparable, and the cluster as the real one left it. */
export interface Compared {
  readonly real: LineResult;
  readonly ours: LineResult;
  readonly after: Cluster;
}

/** Runs a line on both sides. */
export async function compareLine(kubectl: RealKubectl, cluster: Cluster, line: Line): Promise<Compared> {
  const after = cluster.fork();
  kubectl.show(after);
  const real = await kubectl.run(line.line, line.stdin);
  after.settle();
  const twin = cluster.fork();
  const shell = await twin.openShell({
    files: line.stdin === undefined ? files : new Map([...files, ['stdin', line.stdin]]),
  });
  const ours = await shell.run(line.stdin === undefined ? line.line : `${line.line} < stdin`);
  return { real: comparable(real), ours: comparable(ours), after };
}

/** What depends on the wall clock or on the address of the server is no difference. */
export function comparable({ stdout, stderr, exitCode }: LineResult): LineResult {
  return { stdout: normalised(stdout), stderr: normalised(stderr), exitCode };
}

function normalised(text: string): string {
  return withoutAges(text)
    .replaceAll(/https:\/\/(?:127\.0\.0\.1:\d+|172\.18\.0\.2:6443)/g, 'https://SERVER')
    .replaceAll(/kubectl-edit-\d+/g, 'kubectl-edit-N')
    .replaceAll(/^[IWEF]\d{4} \d\d:\d\d:\d\d\.\d+ +\d+ /gm, 'KLOG ');
}

/** kubectl counts ages in descriptions by its own clock, which is not the cluster's; columns are padded by them. */
function withoutAges(text: string): string {
  return text
    .split('\n')
    .map((line) => {
      if (/^ {2}\S.*%\) +\S+$/.test(line)) return line.replace(/\S+$/, 'AGE');
      if (!/^ {2}(?:Normal|Warning|Type|----) /.test(line)) return line;
      return line
        .replace(/ (?:\S+ \(x\d+ over \S+\)|\d\S*|<unknown>|<invalid>) +(?=[a-z])/, ' AGE ')
        .replaceAll(/ +/g, ' ')
        .replaceAll(/-+/g, '-');
    })
    .join('\n');
}
