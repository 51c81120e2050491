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

/** What a property must fulfil, read from the decorators once for its class. */
interface PropertyChecks {
  readonly property: string;
  /** All must hold; otherwise nothing of the property is looked at. */
  readonly conditions: readonly ((object: object, value: unknown) => boolean)[];
  /** True: the value is right. */
  readonly limits: readonly ((object: object, value: unknown) => boolean)[];
  readonly isNested: boolean;
}

/** Undefined: a class with decorators that only the library understands. */
const checksOf = new Map<unknown, readonly PropertyChecks[] | undefined>();

/** True only where the library would find no fault either; false where it has to be asked. */
function isFaultless(input: object): boolean {
  const { constructor } = input;
  if (!checksOf.has(constructor)) checksOf.set(constructor, readChecks(constructor));
  const checks = checksOf.get(constructor);
  if (!checks) return false;
  for (const { property, conditions, limits, isNested } of checks) {
    const value = (input as Record<string, unknown>)[property];
    if (!conditions.every((holds) => holds(input, value))) continue;
    if (!limits.every((allows) => allows(input, value))) return false;
    if (!isNested || value === undefined) continue;
    if (typeof value !== 'object' || value === null || isCollection(value) || !isFaultless(value)) return false;
  }
  return true;
}

function isCollection(value: object): boolean {
  return Array.isArray(value) || value instanceof Set || value instanceof Map;
}

// eslint-disable-next-line @typescript-eslint/no-unsafe-function-type -- as the library has it
function readChecks(inputClass: Function): readonly PropertyChecks[] | undefined {
  const storage = getMetadataStorage();
  const all = storage.getTargetValidationMetadatas(inputClass, '', false, false);
  const checks: PropertyChecks[] = [];
  for (const [property, metadata] of Object.entries(storage.groupByPropertyName(all))) {
    const limits = metadata.filter(({ type }) => type === ValidationTypes.CUSTOM_VALIDATION).map(readLimit);
    if (!limits.every((limit) => limit !== undefined) || !metadata.every(isUnderstood)) return undefined;
    checks.push({
      property,
      conditions: metadata
        .filter(({ type }) => type === ValidationTypes.CONDITIONAL_VALIDATION)
        .map(({ constraints }) => constraints[0] as PropertyChecks['conditions'][number]),
      limits,
      isNested: metadata.some(({ type }) => type === ValidationTypes.NESTED_VALIDATION),
    });
  }
  return checks;
}

const UNDERSTOOD: readonly string[] = [
  ValidationTypes.CUSTOM_VALIDATION,
  ValidationTypes.CONDITIONAL_VALIDATION,
  ValidationTypes.NESTED_VALIDATION,
];

function isUnderstood({ type, each }: Metadata): boolean {
  return UNDERSTOOD.includes(type) && !each;
}

/** Undefined for one that takes its time. */
function readLimit({
  constraintCls,
  constraints,
  propertyName: property,
  validateIf,
}: Metadata): PropertyChecks['limits'][number] | undefined {
  const found = getMetadataStorage().getTargetValidatorConstraints(constraintCls);
  if (found.some(({ async }) => async)) return undefined;
  const validators = found.map(({ instance }) => instance);
  return (object, value) => {
    if (validateIf && !validateIf(object, value)) return true;
    const facts = { targetName: object.constructor.name, property, object, value, constraints };
    return validators.every((validator) => validator.validate(value, facts) === true);
  };
}
