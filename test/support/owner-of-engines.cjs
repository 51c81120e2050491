// A server that does nothing but own engine processes: prints their ids, and lives until it is killed.
// Arguments: the compiled process pool, the file of a model, how many processes, and a folder for optimised graphs.
const [poolModule, modelFile, processes, folder] = process.argv.slice(2);
const { ProcessPool } = require(poolModule);

const log = { info() {}, warn() {}, error() {} };
const pool = new ProcessPool({
  processes: Number(processes),
  threads: 1,
  runTimeoutMs: 60_000,
  loadTimeoutMs: 60_000,
  folder,
  log,
});
pool.load('m', modelFile).then(() => {
  process.stdout.write(`${JSON.stringify([...pool.processes.map(({ pid }) => pid), pool.optimizerPid])}\n`);
});
