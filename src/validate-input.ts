import { validateSync, type ValidationError } from 'class-validator';
import { badUserInput, type FieldFault } from './errors';

/** All faults of an input object against the limits on its class. Messages come from the class and hold no values. */
export function findFaults(input: object, path = ''): FieldFault[] {
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
