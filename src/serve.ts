import { createApp, type App } from './app';
import { ConfigError, readConfig, type Config } from './config';
import { toError } from './errors';
import { LogOutput } from './observability/log-output';
import { createLogger } from './observability/logger';
import { describeStart } from './server/start-message';
import { withTimeLimit } from './server/time-limit';

/** What a stopping server waits for a log that cannot be written. Milliseconds. */
const FLUSH_LIMIT_MS = 1_500;

/** The server, until a signal ends it. */
export async function serve(): Promise<void> {
  let config: Config;
  try {
    config = readConfig();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
    return;
  }
  const output = new LogOutput(2);
  const log = createLogger(config.logLevel, { format: config.logFormat, output });
  let app: App;
  try {
    app = await createApp(config, log);
  } catch (error) {
    process.stderr.write(`${toError(error).message}\n`);
    process.exitCode = 1;
    return;
  }
  stopOnSignals(app, output);
  try {
    const address = await app.start();
    process.stdout.write(describeStart({ address, access: app.authentication.access, models: app.registry.models }));
  } catch (error) {
    process.stderr.write(`${toError(error).message}\n`);
    process.exitCode = 1;
    await app.close();
  }
}

/** The first signal stops gracefully, the second at once. */
function stopOnSignals(app: App, output: LogOutput): void {
  let isStopping = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.on(signal, () => {
      if (isStopping) end(output, { signal, code: 1 });
      isStopping = true;
      void app
        .close()
        .then(() => withTimeLimit(output.flush(), FLUSH_LIMIT_MS))
        .then(() => end(output, { signal }));
    });
}

function end(output: LogOutput, { signal, code }: { readonly signal: NodeJS.Signals; readonly code?: number }): void {
  // An exit waits for the thread that writes the log, which may wait for a reader that never reads again.
  if (output.isStuck) {
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  }
  process.exit(code);
}
