// The server as `predictql` starts it, in a process of its own, that also tells what cannot be seen from outside.
const { setInterval } = require('node:timers/promises');
const { createApp } = require('../../dist/app');
const { readConfig } = require('../../dist/config');
const { createLogger } = require('../../dist/observability/logger');

void main();

async function main() {
  const config = readConfig();
  const app = await createApp(config, createLogger(config.logLevel));
  const answers = {
    facts: () => factsOf(app),
    killBusyEngine: () => killBusyEngine(app),
    close: async () => {
      await app.close();
      process.exit(0);
    },
  };
  process.on('disconnect', answers.close);
  process.on('message', async ({ id, ask }) => process.send({ id, answer: await answers[ask]() }));
  const { port } = await app.start();
  process.send({ port });
}

function factsOf({ dispatcher, admission, engine }) {
  return {
    counters: { ...dispatcher.counters },
    queueLength: dispatcher.queueLength,
    admitted: admission.inUse,
    engines: engine.processes,
  };
}

/**
 * Kills a process at the very moment in which it runs a batch. All are up then, so that nothing but the kill itself
 * can make a prediction fail.
 */
async function killBusyEngine({ engine }) {
  for await (const _ of setInterval(5)) {
    const states = engine.processes;
    const busy = states.find(({ state }) => state === 'running');
    if (!busy || !states.every(({ state }) => state === 'idle' || state === 'running')) continue;
    process.kill(busy.pid, 'SIGKILL');
    return busy.pid;
  }
}
