/**
 * Who may import whom. The table is the architecture: a lower room never imports a higher one, type-only imports
 * included, so that what stands in a room can be understood without what is built on it.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseSync } from 'oxc-parser';
import { describe, expect, it } from 'vitest';

interface RoomRule {
  /** Rooms whose files may be imported; a room's own files always may. */
  readonly mayImport: readonly string[];
  readonly because: string;
}

const apiServerSide = ['client', 'api', 'net', 'base'];
const rules: Readonly<Record<string, RoomRule>> = {
  'engine/base': { mayImport: [], because: 'time, order and chance are below everything' },
  'engine/net': {
    mayImport: ['base'],
    because: 'a Linux machine knows nothing of Kubernetes: a Service is only rules in a kernel',
  },
  'engine/api': { mayImport: ['base'], because: 'objects are data; validation sees no storage and no clock' },
  'engine/control-plane/store': {
    mayImport: ['api', 'base'],
    because: 'it stores any object and has no line about one kind',
  },
  'engine/control-plane/apiserver': {
    mayImport: ['control-plane/store', 'api', 'base'],
    because:
      'it is the only writer of the store; nodes reach it through an interface that cluster.ts hands in',
  },
  'engine/client': { mayImport: ['api', 'base'], because: 'nobody goes round admission' },
  'engine/control-plane/controllers': {
    mayImport: ['client', 'api', 'base'],
    because: 'controllers meet through objects',
  },
  'engine/control-plane/scheduler': {
    mayImport: ['client', 'api', 'base'],
    because: 'it writes bindings through the door like everybody',
  },
  'engine/programs': {
    mayImport: ['net', 'base'],
    because: 'a process knows sockets and files, not Kubernetes',
  },
  'engine/node/cni': {
    mayImport: ['programs', 'net', 'base'],
    because: 'a CNI plugin is handed a namespace and knows no object',
  },
  'engine/node/images': { mayImport: ['programs', 'net', 'base'], because: 'an image is files and programs' },
  'engine/node/kubelet': {
    mayImport: ['node/cni', 'node/images', ...apiServerSide],
    because: 'here API objects become processes and namespaces',
  },
  'engine/node/kube-proxy': { mayImport: apiServerSide, because: 'here Services become rules' },
  'engine/node/network-policy': { mayImport: apiServerSide, because: 'here policies become rules' },
  'engine/addons': {
    mayImport: apiServerSide,
    because: 'add-ons are clients of the API with a place in the network',
  },
  'engine/kubectl': {
    mayImport: ['client', 'api', 'base'],
    because: 'its output comes from the API, never from internals',
  },
  'engine/shell': {
    mayImport: ['kubectl', 'programs', 'net', 'base'],
    because: 'it hands lines to commands and programs',
  },
  'engine/http': {
    mayImport: ['control-plane/apiserver', 'api', 'base'],
    because: 'a thin face on the same door',
  },
  'engine/explain': { mayImport: ['api', 'net', 'client', 'base'], because: 'it reads traces and objects' },
};

/** Rooms of controllers and add-ons of which none may import its neighbour. */
const separateFolders = ['engine/control-plane/controllers', 'engine/addons'];

const root = path.resolve(import.meta.dirname, '..');

interface SourceFile {
  readonly file: string;
  readonly imports: readonly string[];
}

function readSources(folder: string): SourceFile[] {
  return readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
    .filter((file) => !isTestSupport(file))
    .sort()
    .map((file) => ({ file, imports: importsOf(file) }));
}

function isTestSupport(file: string): boolean {
  return /\.(test|bench)\.tsx?$/.test(file) || file.includes('/testing/');
}

/** The relative imports of a file, dynamic and type-only ones included, as paths from the root. */
function importsOf(file: string): string[] {
  const source = readFileSync(path.join(root, file), 'utf8');
  const { module } = parseSync(file, source);
  const specifiers = [
    ...module.staticImports.map((entry) => entry.moduleRequest.value),
    ...module.staticExports.flatMap((entry) =>
      entry.entries.flatMap((item) => item.moduleRequest?.value ?? []),
    ),
    ...module.dynamicImports.map((entry) =>
      source.slice(entry.moduleRequest.start, entry.moduleRequest.end).slice(1, -1),
    ),
    ...[...source.matchAll(/import\('(\.[^']+)'\)/g)].flatMap((match) => match[1] ?? []),
  ];
  return [...new Set(specifiers)]
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => path.posix.join(path.posix.dirname(file), specifier));
}

function roomOf(file: string): string | undefined {
  return Object.keys(rules).find((room) => file.startsWith(`${room}/`));
}

const sources = [...readSources('engine'), ...readSources('grader')];

describe('import rules', () => {
  it.each(Object.entries(rules))('%s imports only what lies below it', (room, rule) => {
    const allowed = [room, ...rule.mayImport.map((below) => `engine/${below}`)];
    const broken = sources
      .filter((source) => source.file.startsWith(`${room}/`))
      .flatMap((source) => source.imports.map((target) => ({ from: source.file, to: target })))
      .filter(({ to }) => !allowed.some((folder) => to.startsWith(`${folder}/`)));
    expect(broken, rule.because).toEqual([]);
  });

  it.each(separateFolders)('no folder of %s imports another', (parent) => {
    const folderOf = (file: string) => file.slice(parent.length + 1).split('/')[0];
    const isInFolder = (file: string) => file.slice(parent.length + 1).includes('/');
    const broken = sources
      .filter((source) => source.file.startsWith(`${parent}/`))
      .flatMap((source) => source.imports.map((target) => ({ from: source.file, to: target })))
      // Files beside the folders are common ground: any folder may use them, and they use none.
      .filter(
        ({ from, to }) => to.startsWith(`${parent}/`) && folderOf(to) !== folderOf(from) && isInFolder(to),
      );
    expect(broken, 'they meet through objects').toEqual([]);
  });

  it('has a rule for every room of the engine', () => {
    const rootFiles = new Set([
      'engine/index.ts',
      'engine/cluster.ts',
      'engine/measure-gateway.ts',
      'engine/measure-ingress.ts',
      'engine/measure-services.ts',
    ]);
    const homeless = sources
      .map((source) => source.file)
      .filter(
        (file) =>
          file.startsWith('engine/') &&
          !file.startsWith('engine/cluster/') &&
          roomOf(file) === undefined &&
          !rootFiles.has(file),
      );
    expect(homeless, 'a file stands in a room of the design').toEqual([]);
  });

  it('lets the grader see the engine through its index only', () => {
    const broken = sources
      .filter((source) => source.file.startsWith('grader/'))
      .flatMap((source) => source.imports.map((target) => ({ from: source.file, to: target })))
      .filter(({ to }) => to.startsWith('engine/') && to !== 'engine/index.ts');
    expect(broken, 'exercises must not depend on how the cluster is built').toEqual([]);
  });

  it('keeps ink and react in grader/ui and execa in grader/cli', () => {
    const owners = new Map([
      ['ink', 'grader/ui/'],
      ['react', 'grader/ui/'],
      ['execa', 'grader/cli/'],
      ['just-bash', 'engine/shell/'],
    ]);
    const broken = sources.flatMap(({ file }) => {
      const { module } = parseSync(file, readFileSync(path.join(root, file), 'utf8'));
      return module.staticImports
        .map((entry) => entry.moduleRequest.value)
        .filter((name) => owners.has(name) && !file.startsWith(owners.get(name) ?? ''))
        .map((name) => `${file} imports ${name}`);
    });
    expect(broken).toEqual([]);
  });

  it('has no cycle between files', () => {
    const importsByFile = new Map(sources.map((source) => [source.file, source.imports]));
    const done = new Set<string>();
    const cycles: string[] = [];
    const visit = (file: string, way: readonly string[]): void => {
      if (way.includes(file)) {
        cycles.push([...way.slice(way.indexOf(file)), file].join(' → '));
        return;
      }
      if (done.has(file)) return;
      for (const next of importsByFile.get(file) ?? []) visit(next, [...way, file]);
      done.add(file);
    };
    for (const source of sources) visit(source.file, []);
    expect(cycles).toEqual([]);
  });
});
