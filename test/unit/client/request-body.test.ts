import { createBody } from '../../../src/client/request-body';

const query = 'query ($image: Upload) { __typename }';

async function partsOf(body: string | FormData): Promise<Record<string, unknown>> {
  if (typeof body === 'string') throw new Error('Expected a form.');
  const parts: Record<string, unknown> = {};
  for (const [name, value] of body.entries())
    parts[name] = typeof value === 'string' ? (JSON.parse(value) as unknown) : [value.name, await value.text()];
  return parts;
}

describe('createBody', () => {
  it('is JSON where there are no files', () => {
    const variables = { text: 'Good.', at: new Date(0), none: null, list: [1, { deep: true }] };
    const { body, headers } = createBody({ query, variables });
    expect(JSON.parse(body as string)).toEqual({ query, variables: { ...variables, at: '1970-01-01T00:00:00.000Z' } });
    expect(headers).toEqual({ 'content-type': 'application/json' });
  });

  it('is a multipart request with null in the place of each file, wherever it stands', async () => {
    const variables = {
      image: new Blob(['one']),
      inputs: [{ image: { upload: new File(['two'], 'two.png') } }, { topK: 3 }],
    };
    const { body, headers } = createBody({ query, variables });
    expect(await partsOf(body)).toEqual({
      operations: { query, variables: { image: null, inputs: [{ image: { upload: null } }, { topK: 3 }] } },
      map: { 0: ['variables.image'], 1: ['variables.inputs.0.image.upload'] },
      0: ['file', 'one'],
      1: ['two.png', 'two'],
    });
    expect(headers).toEqual({ 'apollo-require-preflight': 'true' });
  });

  it('puts the operation and the map before the files, so that a server can stream them', () => {
    const { body } = createBody({ query, variables: { image: new Blob(['one']) } });
    expect([...(body as FormData).keys()]).toEqual(['operations', 'map', '0']);
  });

  it('leaves the variables of the caller as they are', () => {
    const variables = { input: { upload: new Blob(['one']) } };
    createBody({ query, variables });
    expect(variables.input.upload).toBeInstanceOf(Blob);
  });
});
