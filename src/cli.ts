#!/usr/bin/env -S node --max-semi-space-size=32 --no-incremental-marking-task
import 'reflect-metadata';
import { Command } from 'commander';
import { createKeyCommands, type CommandOutput, type CreateKeyOptions, type KeyCommands } from './cli/key-commands';
import { exportPredictions, type ExportOptions } from './cli/export-predictions';
import { createServerCommands, type ServerCommands } from './cli/server-commands';
import { locateVersion, verifyVersion } from './cli/verify-version';
import { readClientConfig, readConfig } from './config';
import { toError } from './errors';
import { createLogger } from './observability/logger';

interface Because {
  readonly reason?: string;
}
const REASON = ['-r, --reason <text>', 'why, for those who read the events'] as const;

const program = new Command('predictql').description('A GraphQL prediction API over ONNX models.').showHelpAfterError();

program
  .command('serve')
  .description('start the server')
  .action(async () => {
    await import('./main.js');
  });

const models = program
  .command('models')
  .description('what the server at PREDICTQL_URL (default http://localhost:4000/graphql) serves, and changes of it');

models
  .command('list')
  .description('all versions and their phases')
  .action(() => ask((server) => server.list()));

models
  .command('verify <folder-or-model> [version]')
  .description('whether a version would pass all gates; needs no server')
  .action(verify);

models
  .command('promote <model> <version>')
  .description('make a ready version live')
  .option(...REASON)
  .action((model: string, version: string, { reason }: Because) =>
    ask((server) => server.promote({ model, version, reason })),
  );

models
  .command('rollback <model>')
  .description('return to the version that was live before')
  .option(...REASON)
  .action((model: string, { reason }: Because) => ask((server) => server.rollBack({ model, reason })));

models
  .command('load <model> <version>')
  .description('load a version, also one that failed before')
  .option(...REASON)
  .action((model: string, version: string, { reason }: Because) =>
    ask((server) => server.load({ model, version, reason })),
  );

models
  .command('unload <model> <version>')
  .description('unload a version that is not live')
  .option(...REASON)
  .action((model: string, version: string, { reason }: Because) =>
    ask((server) => server.unload({ model, version, reason })),
  );

const keys = program.command('keys').description('who may ask the server whose data folder is PREDICTQL_DATA_DIR');

keys
  .command('create')
  .description('a new key, shown this once')
  .requiredOption('-n, --name <name>', 'whose it is; events and logs name it')
  .requiredOption('-s, --scope <scope...>', 'what it may do; several may follow')
  .option('-e, --expires <when>', 'a length of time such as 90d or 12h, or a date')
  .option('--requests-per-second <number>', 'in place of the limit of the settings')
  .option('--inference-ms-per-second <number>', 'the same for the time that models compute')
  .option('--concurrent-requests <number>', 'the same for requests at the same time')
  .option('--subscriptions <number>', 'the same for subscriptions at the same time')
  .option('--bulk', 'it may wait while others are served')
  .action((options: CreateKeyOptions) => change((commands) => commands.create(options)));

keys
  .command('list')
  .description('all keys, but never the secrets')
  .action(() => change((commands) => commands.list()));

keys
  .command('revoke <id-or-name>')
  .description('end a key at once')
  .action((key: string) => change((commands) => commands.revoke(key)));

keys
  .command('rotate <id-or-name>')
  .description('another key in the place of this one, with all that it may do')
  .option('-g, --grace <time>', 'how long the former one still opens, such as 24h', '0')
  .action((key: string, options: { readonly grace: string }) => change((commands) => commands.rotate(key, options)));

const predictions = program
  .command('predictions')
  .description('the prediction log of the server whose data folder is PREDICTQL_DATA_DIR');

predictions
  .command('export')
  .description('write it to standard output, oldest first, while the server runs or without it')
  .requiredOption('-f, --format <format>', 'csv or jsonl')
  .option('--since <when>', 'a length of time ago such as 24h, or a date')
  .option('--until <when>', 'the same: only those that began before')
  .option('--task <task>', 'such as fraud-score')
  .option('--model <model>', 'such as fraud-detector')
  .option('--version <version>', 'of a model')
  .option('--outcome <outcome>', 'answered, left, or the code of an error')
  .action((options: ExportOptions) => exportPredictions(readConfig().dataDir, options, process.stdout));

program.parseAsync().catch((error: unknown) => {
  process.stderr.write(`${toError(error).message}\n`);
  process.exitCode = 1;
});

async function ask(command: (server: ServerCommands) => Promise<string>): Promise<void> {
  process.stdout.write(`${await command(createServerCommands(readClientConfig()))}\n`);
}

function change(command: (commands: KeyCommands) => CommandOutput): void {
  const { text, note } = command(createKeyCommands(readConfig().dataDir));
  if (note !== undefined) process.stderr.write(`${note}\n`);
  process.stdout.write(`${text}\n`);
}

async function verify(folderOrModel: string, version: string | undefined): Promise<void> {
  const config = readConfig();
  const place = locateVersion(folderOrModel, version, config.modelsDir);
  const { isSound, text } = await verifyVersion(place, config, createLogger('error'));
  process.stdout.write(`${text}\n`);
  process.exitCode = isSound ? 0 : 1;
}
