import {
  IsNotEmpty,
  IsOptional,
  Max,
  Min,
  Validate,
  ValidateIf,
  ValidateNested,
  ValidatorConstraint,
  type ValidatorConstraintInterface,
} from 'class-validator';
import { findFaults } from '../../src/validate-input';

class Inner {
  @Min(0, { message: 'low' })
  @Max(9, { message: 'high' })
  amount: unknown = 5;
}

@ValidatorConstraint({ name: 'asLongAs' })
class AsLongAs implements ValidatorConstraintInterface {
  validate(
    value: unknown[],
    { object, constraints }: Parameters<ValidatorConstraintInterface['validate']>[1] & object,
  ) {
    return value.length === (object as Record<string, unknown[]>)[constraints[0] as string]?.length;
  }
}

class Outer {
  @ValidateNested()
  inner: unknown = new Inner();

  @IsOptional()
  @Min(1, { message: 'low' })
  optional: unknown = undefined;

  @ValidateIf(({ optional }: Outer) => optional === 7)
  @Max(1, { message: 'high where optional is 7' })
  conditional: unknown = 2;

  list: unknown[] = [];

  @Validate(AsLongAs, ['list'], { message: 'lengths' })
  other: unknown[] = [];
}

/** Left to the library: as a whole the list is not empty, whatever is in it. */
class Each {
  @IsNotEmpty({ each: true, message: 'not empty' })
  texts: unknown = ['a'];
}

class Excused {
  @Max(1, { validateIf: ({ isExcused }: Excused) => !isExcused, message: 'high' })
  amount = 2;

  isExcused = true;
}

const innerOf = (amount: unknown): Inner => Object.assign(new Inner(), { amount });

describe('findFaults', () => {
  it.each<[string, object, object[]]>([
    ['nothing wrong', {}, []],
    ['a nested fault', { inner: innerOf(10) }, [{ path: 'in.inner.amount', message: 'high' }]],
    ['a nested value that is missing', { inner: undefined }, []],
    ['a nested list', { inner: [innerOf(1), innerOf(-1)] }, [{ path: 'in.inner.1.amount', message: 'low' }]],
    ['a nested list without a fault', { inner: [innerOf(1)] }, []],
    ['an optional value', { optional: 0 }, [{ path: 'in.optional', message: 'low' }]],
    ['an optional null', { optional: null }, []],
    ['a condition that holds', { optional: 7 }, [{ path: 'in.conditional', message: 'high where optional is 7' }]],
    ['a limit that looks at another field', { list: [1] }, [{ path: 'in.other', message: 'lengths' }]],
    [
      'several at once',
      { inner: innerOf(-1), optional: -1 },
      [
        { path: 'in.inner.amount', message: 'low' },
        { path: 'in.optional', message: 'low' },
      ],
    ],
  ])('finds %s', (_what, changes, faults) => {
    expect(findFaults(Object.assign(new Outer(), changes), 'in')).toEqual(faults);
  });

  it.each([
    ['null', null],
    ['a number', 3],
  ])('finds %s in place of an object', (_what, inner) => {
    expect(findFaults(Object.assign(new Outer(), { inner }))).toMatchObject([{ path: 'inner' }]);
  });

  it('leaves to the library what it does not understand itself', () => {
    expect(findFaults(new Each())).toEqual([]);
    expect(findFaults(Object.assign(new Each(), { texts: ['a', ''] }))).toEqual([
      { path: 'texts', message: 'not empty' },
    ]);
    expect(findFaults(new Excused())).toEqual([]);
    expect(findFaults(Object.assign(new Excused(), { isExcused: false }))).toEqual([
      { path: 'amount', message: 'high' },
    ]);
  });
});
