/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: '<rootDir>/test/jest-environment.cjs',
  roots: ['<rootDir>/test'],
  globalSetup: '<rootDir>/test/global-setup.cjs',
  setupFiles: ['reflect-metadata'],
  transform: { '^.+\\.[cm]?[jt]s$': ['@swc/jest'] },
  // Jest on Node 20 cannot require packages that are ESM only.
  transformIgnorePatterns: ['/node_modules/(?!(jose)/)'],
  coverageProvider: 'v8',
  // A limit that only catches a hang: the slowest test takes a fifth of it.
  testTimeout: 60_000,
};
