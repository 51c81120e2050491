import { createApp, type App } from './app';
import { ConfigError, readConfig, type Config } from './config';
import { toError } from './errors';
import { createLogger } from './observability/logger';
import { describeStart } from './server/start-message';

void main();

async function main(): Promise<void> {
  let config: Config;
  try {
    config = readConfig();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
    return;
  }
  const log = createLogger(config.logLevel, { format: config.logFormat });
  let app: App;
  try {
    app = await createApp(config, log);
  } catch (error) {
    process.stderr.write(`${toError(error).message}\n`);
    process.exitCode = 1;
    return;
  }
  stopOnSignals(app);
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
function stopOnSignals(app: App): void {
  let isStopping = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.on(signal, () => {
      if (isStopping) process.exit(1);
      isStopping = true;
      void app.close().then(() => process.exit());
    });
}
