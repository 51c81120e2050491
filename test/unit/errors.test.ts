import { AppError, badUserInput, ERROR_CODES, toError, UnreachableCaseError } from '../../src/errors';

describe('an error for clients', () => {
  it('keeps its cause for the log, apart from what is sent', () => {
    const cause = new Error('ENOENT: /secret/model.onnx');
    const error = new AppError('MODEL_NOT_READY', 'The model is not ready.', { cause });
    expect(error.cause).toBe(cause);
    expect(error.code).toBe('MODEL_NOT_READY');
    expect(error.message).toBe('The model is not ready.');
    expect(error.extensions).toEqual({});
    expect(error).toBeInstanceOf(Error);
  });

  it('names all faults of an input at once, in words and for programs', () => {
    const faults = [
      { path: 'input.amount', message: 'Expected an amount over 0.' },
      { path: 'options.timeoutMs', message: 'Expected 1 to 60000 milliseconds.' },
    ];
    const error = badUserInput(faults);
    expect(error.code).toBe('BAD_USER_INPUT');
    expect(error.extensions).toEqual({ fields: faults });
    for (const { path, message } of faults) expect(error.message).toContain(`${path}: ${message}`);
  });

  it('says where it was made only where that is our fault', () => {
    const limit = Error.stackTraceLimit;
    expect(new AppError('OVERLOADED', 'Too much.').stack).toBe('AppError: Too much.');
    expect(new AppError('INTERNAL_SERVER_ERROR', 'No.').stack).toContain('errors.test');
    expect(Error.stackTraceLimit).toBe(limit);
  });

  it('has an HTTP status of success, of the request or of the server', () => {
    for (const { httpStatus } of Object.values(ERROR_CODES))
      expect(httpStatus === 200 || (httpStatus >= 400 && httpStatus < 600)).toBe(true);
  });
});

describe('what was thrown', () => {
  it('stays itself when it is an error', () => {
    const error = new TypeError('no');
    expect(toError(error)).toBe(error);
  });

  it.each([['a text'], [undefined], [null], [42]])('becomes an error when it is %p', (thrown) => {
    expect(toError(thrown)).toBeInstanceOf(Error);
    expect(toError(thrown).message).toBe(String(thrown));
  });

  it('is told by name when a case was forgotten', () => {
    expect(new UnreachableCaseError('gone' as never).message).toContain('"gone"');
  });
});
