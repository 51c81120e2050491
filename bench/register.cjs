// Lets Node run the benchmark's TypeScript as it is, with the compiler that the tests use.
const { readFileSync } = require('node:fs');
const { transformSync } = require('@swc/core');

require.extensions['.ts'] = (module, file) => {
  module._compile(transformSync(readFileSync(file, 'utf8'), { filename: file }).code, file);
};
