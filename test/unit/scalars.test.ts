import { GraphQLError, parseValue } from 'graphql';
import { LocalDateTime } from '../../src/scalars.type';

describe('the scalar LocalDateTime', () => {
  const value = { year: 2018, month: 7, day: 20, hour: 15, minute: 0, second: 0 };

  it('reads the same from a variable and from a document', () => {
    expect(LocalDateTime.parseValue('2018-07-20T15:00')).toEqual(value);
    expect(LocalDateTime.parseLiteral(parseValue('"2018-07-20T15:00"'))).toEqual(value);
  });

  it('writes what it reads', () => {
    expect(LocalDateTime.serialize(value)).toBe('2018-07-20T15:00:00');
  });

  it.each([['secret'], ['2018-07-20T15:00Z'], [20180720], [null], [{ secret: 1 }], [['2018-07-20T15:00']], [true]])(
    'refuses %p without repeating it',
    (wrong) => {
      expect(() => LocalDateTime.parseValue(wrong)).toThrow(GraphQLError);
      expect(() => LocalDateTime.parseValue(wrong)).toThrow(
        'Expected a clock time without zone, such as 2018-07-20T15:00.',
      );
    },
  );

  it.each(['"secret"', '20180720', 'SECRET', '{ secret: 1 }', '["2018-07-20T15:00"]', 'null'])(
    'refuses %s in a document without repeating it',
    (literal) => {
      expect(() => LocalDateTime.parseLiteral(parseValue(literal))).toThrow(
        'Expected a clock time without zone, such as 2018-07-20T15:00.',
      );
    },
  );
});
