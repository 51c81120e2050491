import {
  IsDefined,
  IsInt,
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

/** Decorators that are left to the library. */
class Each {
  @IsInt({ each: true, message: 'integers' })
  numbers: unknown = [1, 2];
}

class Defined {
  @IsDefined({ message: 'needed' })
  value: unknown = 1;
}

@ValidatorConstraint({ name: 'slow', async: true })
class Slow implements ValidatorConstraintInterface {
  validate(): Promise<boolean> {
    return Promise.resolve(false);
  }
}

class Waits {
  @Validate(Slow)
  value = 1;
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
    expect(findFaults(Object.assign(new Each(), { numbers: [1, 'a'] }))).toEqual([
      { path: 'numbers', message: 'integers' },
    ]);
    expect(findFaults(Object.assign(new Defined(), { value: undefined }))).toEqual([
      { path: 'value', message: 'needed' },
    ]);
    // The library does not wait for it either.
    expect(findFaults(new Waits())).toEqual([]);
  });
});
