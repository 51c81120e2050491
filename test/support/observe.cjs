// Loaded into a server before it starts (`node --require`), to tell over IPC what cannot be seen from outside.
const { setInterval } = require('node:timers/promises');
const { setFlagsFromString } = require('node:v8');
const { runInNewContext } = require('node:vm');
const composition = require('../../dist/app');

const { createApp } = composition;
const killed = new Set();
let answeredBeforeNextKill = 0;

composition.createApp = async (...args) => {
  const app = await createApp(...args);
  const answers = { facts: () => factsOf(app), killBusyEngine: () => killBusyEngine(app), memory, loadedPackages };
  process.on('message', async ({ id, ask }) => process.send({ id, answer: await answers[ask]() }));
  // The tests have ended without a word, so nobody needs this server.
  process.on('disconnect', () => process.exit(1));
  return app;
};

/** What is held once everything that nobody needs is gone, in megabytes. */
function memory() {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heapMb: heapUsed / 2 ** 20, externalMb: external / 2 ** 20, residentMb: rss / 2 ** 20 };
}

function loadedPackages() {
  const files = Object.keys(require.cache).map((file) => file.split('/node_modules/').slice(1).join('/'));
  return files.filter((file) => file !== '');
}

function factsOf({ dispatcher, admission, engine }) {
  return {
    counters: { ...dispatcher.counters },
    queueLength: dispatcher.turns.length,
    admitted: admission.inUse,
    engines: engine.processes,
  };
}

/**
 * Kills a process at the very moment in which it runs a batch, once what was under way at the last kill has been
 * answered: each kill meets requests of its own.
 */
async function killBusyEngine({ dispatcher, engine }) {
  for await (const _ of setInterval(5)) {
    // A death is noticed a moment after it.
    const busy = engine.processes.find(({ state, pid }) => state === 'running' && !killed.has(pid));
    if (!busy || dispatcher.counters.answered < answeredBeforeNextKill) continue;
    process.kill(busy.pid, 'SIGKILL');
    killed.add(busy.pid);
    answeredBeforeNextKill = dispatcher.counters.answered + 64;
    return busy.pid;
  }
}
