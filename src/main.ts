import { putPoolBehind, putV8Behind } from './server/thread-priorities';

// Whoever gives an argument believes that it is heeded. Those of `predictql serve` are for the command line to refuse.
const argument = require.main === module ? process.argv[2] : undefined;
if (argument === undefined) start();
else {
  process.stderr.write(
    `The server takes no arguments, such as ${argument}: its settings are environment variables, PORT=4000 for instance. README.md lists them.\n`,
  );
  process.exitCode = 1;
}

function start(): void {
  const v8Threads = putV8Behind();
  // Not before: what the server is made of starts threads of its own.
  void import('./serve.js').then(({ serve }) => {
    putPoolBehind(v8Threads);
    return serve();
  });
}
