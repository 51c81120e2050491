import { getMetadataStorage, validateSync, ValidationTypes, type ValidationError } from 'class-validator';
import { badUserInput, type FieldFault } from './errors';

/** All faults of an input object against the limits on its class. Messages come from the class and hold no values. */
export function findFaults(input: object, path = ''): FieldFault[] {
  // Asking the library costs a transaction a fourteenth of the server's time, and nearly all inputs are right.
  if (isFaultless(input)) return [];
  const errors = validateSync(input, {
    forbidUnknownValues: false,
    validationError: { target: false, value: false },
  });
  return errors.flatMap((error) => toFaults(error, path));
}

function toFaults({ property, constraints, children }: ValidationError, parent: string): FieldFault[] {
  const path = parent === '' ? property : `${parent}.${property}`;
  const messages = [...new Set(Object.values(constraints ?? {}))];
  return [
    ...messages.map((message) => ({ path, message })),
    ...(children ?? []).flatMap((child) => toFaults(child, path)),
  ];
}

/** Throws BAD_USER_INPUT with all faults of an input object, if it has any. */
export function refuseFaults(input: object, path = ''): void {
  const faults = findFaults(input, path);
  if (faults.length > 0) throw badUserInput(faults);
}

type Metadata = ReturnType<ReturnType<typeof getMetadataStorage>['getTargetValidationMetadatas']>[number];

type Check = (object: object, value: unknown) => boolean;

/** What a property must fulfil, read from the decorators once for its class. */
interface PropertyChecks {
  readonly property: string;
  /** All must hold; otherwise nothing of the property is looked at. */
  readonly conditions: readonly Check[];
  readonly limits: readonly Check[];
  readonly isNested: boolean;
}

/** Undefined: a class with decorators that only the library understands. */
const checksOf = new Map<unknown, readonly PropertyChecks[] | undefined>();

/**
 * True only where the library would find no fault either; false where it has to be asked: a limit that did not apply, by an
 * option of its own, is no reason for a fault, but for asking.
 */
function isFaultless(input: object): boolean {
  const { constructor } = input;
  if (!checksOf.has(constructor)) checksOf.set(constructor, readChecks(constructor));
  const checks = checksOf.get(constructor);
  if (!checks) return false;
  for (const { property, conditions, limits, isNested } of checks) {
    const value = (input as Record<string, unknown>)[property];
    if (!allHold(conditions, input, value)) continue;
    if (!allHold(limits, input, value)) return false;
    if (!isNested || value === undefined) continue;
    if (typeof value !== 'object' || value === null || isCollection(value) || !isFaultless(value)) return false;
  }
  return true;
}

/** A loop, since `every` would make a function for each property of each input. */
function allHold(checks: readonly Check[], input: object, value: unknown): boolean {
  for (const holds of checks) if (!holds(input, value)) return false;
  return true;
}

function isCollection(value: object): boolean {
  return Array.isArray(value) || value instanceof Set || value instanceof Map;
}

// eslint-disable-next-line @typescript-eslint/no-unsafe-function-type -- as the library has it
function readChecks(inputClass: Function): readonly PropertyChecks[] | undefined {
  const storage = getMetadataStorage();
  const all = storage.getTargetValidationMetadatas(inputClass, '', false, false);
  if (!all.every(({ type, each }) => UNDERSTOOD.includes(type) && !each)) return undefined;
  return Object.entries(storage.groupByPropertyName(all)).map(([property, metadata]) => ({
    property,
    conditions: metadata
      .filter(({ type }) => type === ValidationTypes.CONDITIONAL_VALIDATION)
      .map(({ constraints }) => constraints[0] as Check),
    limits: metadata
      .filter(({ type }) => type === ValidationTypes.CUSTOM_VALIDATION)
      .flatMap((limit) => readLimit(limit, inputClass.name)),
    isNested: metadata.some(({ type }) => type === ValidationTypes.NESTED_VALIDATION),
  }));
}

const UNDERSTOOD: readonly string[] = [
  ValidationTypes.CUSTOM_VALIDATION,
  ValidationTypes.CONDITIONAL_VALIDATION,
  ValidationTypes.NESTED_VALIDATION,
];

function readLimit(
  { constraintCls, constraints, propertyName: property }: Metadata,
  targetName: string,
): readonly Check[] {
  return getMetadataStorage()
    .getTargetValidatorConstraints(constraintCls)
    .map(
      ({ instance }) =>
        (object, value) =>
          instance.validate(value, { targetName, property, object, value, constraints }) === true,
    );
}
