import { putPoolBehind, putV8Behind } from './server/thread-priorities';

const v8Threads = putV8Behind();
// Not before: what the server is made of starts threads of its own.
void import('./serve.js').then(({ serve }) => {
  putPoolBehind(v8Threads);
  return serve();
});
