// Engine processes are real child processes and run the compiled code, so the tests compile it first.
const { execFileSync } = require('node:child_process');
const path = require('node:path');

module.exports = () => {
  // For the tests that load onnxruntime-node themselves; engine processes see to it on their own.
  process.env.ORT_DISABLE_TELEMETRY = '1';
  const root = path.join(__dirname, '..');
  execFileSync(process.execPath, [require.resolve('typescript/bin/tsc'), '-p', 'tsconfig.build.json'], {
    cwd: root,
    stdio: 'inherit',
  });
};
