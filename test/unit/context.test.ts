import { ClientLeftError, requireScope, RequestContext } from '../../src/context';
import { createCaller } from '../support/caller';

const caller = createCaller();

describe('the context of a request', () => {
  it('has an id of its own', () => {
    expect(new RequestContext(caller).id).not.toBe(new RequestContext(caller).id);
  });

  it('is cancelled for the reason that the client left', () => {
    const context = new RequestContext(caller);
    expect([context.hasLeft, context.cancellation.reason]).toEqual([false, undefined]);
    context.abort();
    expect(context.hasLeft).toBe(true);
    expect(context.cancellation.reason).toBeInstanceOf(ClientLeftError);
  });

  it('disposes of what it keeps when it ends: once, the last first', () => {
    const context = new RequestContext(caller);
    const disposed: number[] = [];
    for (const number of [1, 2, 3]) context.keep({ [Symbol.dispose]: () => disposed.push(number) });
    expect(disposed).toEqual([]);
    context.end();
    context.end();
    expect(disposed).toEqual([3, 2, 1]);
  });

  it('disposes at once of what comes after its end', () => {
    const context = new RequestContext(caller);
    context.end();
    let isDisposed = false;
    context.keep({
      [Symbol.dispose]: () => {
        isDisposed = true;
      },
    });
    expect(isDisposed).toBe(true);
  });

  it('is one with its shallow copies: Apollo hands resolvers such a copy', () => {
    const context = new RequestContext(caller);
    const copy = Object.assign(Object.create(RequestContext.prototype) as RequestContext, context);
    copy.operation = { name: 'Ask', type: 'query' };
    expect(context.operation).toEqual({ name: 'Ask', type: 'query' });
    context.end();
    let isDisposed = false;
    copy.keep({
      [Symbol.dispose]: () => {
        isDisposed = true;
      },
    });
    expect(isDisposed).toBe(true);
  });
});

describe('a scope', () => {
  it.each([
    ['the one that is needed', ['models:read']],
    ['the one for everything', ['*']],
    ['one among others', ['predict:sentiment', 'models:read']],
  ])('is there with %s', (_what, scopes) => {
    expect(() => requireScope(createCaller({ scopes }), 'models:read')).not.toThrow();
  });

  it.each([
    ['is missing where there is none', createCaller(), 'This needs the scope models:write. You have none.'],
    [
      'is missing beside others',
      createCaller({ name: 'web', scopes: ['models:read', 'predict:*'] }),
      'This needs the scope models:write. "web" has only models:read, predict:*.',
    ],
  ])('%s, and the refusal names it', (_what, caller, message) => {
    const refusal = { code: 'FORBIDDEN', message, extensions: { scope: 'models:write' } };
    expect(() => requireScope(caller, 'models:write')).toThrow(expect.objectContaining(refusal));
  });
});
