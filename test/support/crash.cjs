// A fault that nobody foresaw, when the test says so.
process.on('SIGUSR2', () => {
  throw new Error('crashed by the test');
});
