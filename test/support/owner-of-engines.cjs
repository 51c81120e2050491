// A server that does nothing but own engine processes: prints their ids, and lives until it is killed.
// Arguments: the compiled process pool, the file of a model, and how many processes.
const [poolModule, modelFile, processes] = process.argv.slice(2);
const { ProcessPool } = require(poolModule);

const log = { info() {}, warn() {}, error() {} };
const pool = new ProcessPool({
  processes: Number(processes),
  threads: 1,
  runTimeoutMs: 60_000,
  loadTimeoutMs: 60_000,
  log,
});
pool.load('m', modelFile).then(() => {
  process.stdout.write(`${JSON.stringify(pool.processes.map(({ pid }) => pid))}\n`);
});
