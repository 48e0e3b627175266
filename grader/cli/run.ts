/** The command line: one program, its commands and options, and what becomes of their errors. */
import { Command, CommanderError } from 'commander';
import { nearest } from '../exercise/nearest.ts';
import type { ServeCommandOptions } from './commands/serve.ts';
import { type CommandContext, type CommonOptions, createContext, printStack } from './context.ts';
import { helpTexts } from './help-texts.ts';
import { exitCodes, type Io, UsageError } from './io.ts';
import { chooseLanguage } from './language.ts';

/** Runs one command line (without the program's name) and gives its exit code. Never rejects. */
export async function runCli(argv: readonly string[], io: Io): Promise<number> {
  try {
    let exitCode: number = exitCodes.ok;
    const program = createProgram(io, (code) => {
      exitCode = code;
    });
    await program.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    return explainError(error, io);
  }
}

type Action = (context: CommandContext) => Promise<number>;

function createProgram(io: Io, finish: (exitCode: number) => void): Command {
  const texts = helpTexts[helpLanguage(io)];
  const program = new Command('kubedrill');
  const run = (command: Command, action: Action) => async () => {
    finish(await action(createContext(io, command.optsWithGlobals<CommonOptions>())));
  };
  const add = (usage: string, name: keyof typeof texts.commands): Command => {
    const { description, example } = texts.commands[name];
    return prepare(program.command(usage), io)
      .allowExcessArguments(false)
      .description(description)
      .addHelpText('after', `\n${texts.example}\n  $ ${example}`);
  };
  prepare(program, io)
    .description(texts.program)
    .addHelpText('after', `\n${texts.example}\n  $ npx kubedrill`)
    .option('--lang <ko|en>', texts.options.lang)
    .option('--answers <dir>', texts.options.answers)
    .option('--workbook <dir>', texts.options.workbook)
    // Commander would call a mistyped command an argument too many.
    .allowExcessArguments(true)
    .action(async (_, command: Command) => {
      const [unknown] = command.args;
      if (unknown === 'help') return program.outputHelp();
      if (unknown !== undefined) throw unknownCommand(unknown, Object.keys(texts.commands));
      await run(command, async (context) => (await import('./commands/open.ts')).runOpen(context))();
    });
  add('list', 'list')
    .option('--path <all|fast>', texts.options.path)
    .action(async (options: { path?: string }, command: Command) => {
      await run(command, async (context) => (await import('./commands/list.ts')).runList(context, options))();
    });
  add('show <id>', 'show').action(async (id: string, _, command: Command) => {
    await run(command, async (context) => (await import('./commands/show.ts')).runShow(context, id))();
  });
  add('check [id...]', 'check')
    .option('--json', texts.options.json)
    .action(async (ids: string[], options: { json?: boolean }, command: Command) => {
      await run(command, async (context) =>
        (await import('./commands/check.ts')).runCheck(context, ids, options),
      )();
    });
  add('hint <id>', 'hint').action(async (id: string, _, command: Command) => {
    await run(command, async (context) => (await import('./commands/hint.ts')).runHint(context, id))();
  });
  add('glossary [term]', 'glossary').action(async (term: string | undefined, _, command: Command) => {
    await run(command, async (context) =>
      (await import('./commands/glossary.ts')).runGlossary(context, term),
    )();
  });
  add('images', 'images').action(async (_, command: Command) => {
    await run(command, async (context) => (await import('./commands/images.ts')).runImages(context))();
  });
  add('reset <id>', 'reset').action(async (id: string, _, command: Command) => {
    await run(command, async (context) => (await import('./commands/reset.ts')).runReset(context, id))();
  });
  add('shell [id]', 'shell')
    .option('-c, --command <line>', texts.options.command)
    .action(async (id: string | undefined, options: { command?: string }, command: Command) => {
      await run(command, async (context) =>
        (await import('./commands/shell.ts')).runShell(context, id, options),
      )();
    });
  add('serve [id]', 'serve')
    .option('--port <n>', texts.options.port)
    .option('--kubeconfig <file>', texts.options.kubeconfig)
    .option('--frozen', texts.options.frozen)
    .action(async (id: string | undefined, options: ServeCommandOptions, command: Command) => {
      await run(command, async (context) =>
        (await import('./commands/serve.ts')).runServe(context, id, options),
      )();
    });
  add('grade <dir...>', 'grade')
    .option('--json', texts.options.json)
    .action(async (folders: string[], options: { json?: boolean }, command: Command) => {
      await run(command, async (context) =>
        (await import('./commands/grade.ts')).runGrade(context, folders, options),
      )();
    });
  add('verify [id...]', 'verify')
    .option('--write-values', texts.options.writeValues)
    .action(async (ids: string[], options: { writeValues?: boolean }, command: Command) => {
      await run(command, async (context) =>
        (await import('./commands/verify.ts')).runVerify(context, ids, options),
      )();
    });
  add('new <section/id>', 'new').action(async (place: string, _, command: Command) => {
    await run(command, async (context) => (await import('./commands/new.ts')).runNew(context, place))();
  });
  return program;
}

function unknownCommand(word: string, known: readonly string[]): UsageError {
  const meant = nearest(word, known);
  return new UsageError(
    `unknown command "${word}"; ${meant === undefined ? 'see `kubedrill --help`' : `did you mean "${meant}"?`}`,
  );
}

/** Commander neither ends the process nor prints errors: both are for {@link runCli}. */
function prepare(command: Command, io: Io): Command {
  return command
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.writeStdout(text), writeErr: () => {} })
    .helpOption('-h, --help', helpTexts[helpLanguage(io)].options.help)
    .helpCommand(false);
}

/** Help is written before the command line is read, so only the surroundings can choose its language. */
function helpLanguage(io: Io) {
  try {
    return chooseLanguage(undefined, io.env);
  } catch {
    return 'en';
  }
}

/** One line for what a person can mend; a stack only for those who ask. */
function explainError(error: unknown, io: Io): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return exitCodes.ok;
    io.writeStderr(`${oneLine(error.message.replace(/^error: /, 'kubedrill: '))}\n`);
    return exitCodes.usage;
  }
  if (io.env.KUBEDRILL_DEBUG === '1') printStack(io, error);
  else io.writeStderr(`kubedrill: ${error instanceof Error ? error.message : String(error)}\n`);
  if (error instanceof UsageError) return exitCodes.usage;
  return exitCodes.failed;
}

function oneLine(text: string): string {
  return text.trim().replaceAll(/\s*\n\s*/g, ' ');
}
