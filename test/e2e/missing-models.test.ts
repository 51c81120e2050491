import { launchServer } from '../support/server';

describe('a server whose models folder does not exist', () => {
  it('ends at its start with a sentence that names the setting', async () => {
    const server = await launchServer({
      settings: { PREDICTQL_MODELS_DIR: 'no-such-folder', PREDICTQL_LOG_LEVEL: 'silent' },
    });
    expect(await server.exit).toEqual({ code: 1, signal: null });
    expect(server.errorOutput()).toMatch(/^The models cannot be read\. Set PREDICTQL_MODELS_DIR to their folder\./);
    expect(server.output()).not.toContain('ready');
  });
});
