/** Orders version names as people count: 2 before 10, 1.9.0 before 1.10.0, and a release after its pre-releases. */
export function compareVersions(a: string, b: string): number {
  const partsOfA = a.split(/[.-]/);
  const partsOfB = b.split(/[.-]/);
  for (let index = 0; index < Math.max(partsOfA.length, partsOfB.length); index++) {
    const difference = compareParts(partsOfA[index], partsOfB[index]);
    if (difference !== 0) return difference;
  }
  // "1.0" and "1-0" count the same but are two versions: any fixed order will do.
  return a < b ? -1 : Number(a > b);
}

function compareParts(a: string | undefined, b: string | undefined): number {
  const numberA = toNumber(a);
  const numberB = toNumber(b);
  if (numberA !== undefined && numberB !== undefined) return numberA < numberB ? -1 : Number(numberA > numberB);
  // A word such as "rc" comes before the number or the end that stands in its place.
  if (numberA !== undefined) return 1;
  if (numberB !== undefined) return -1;
  return (a as string) < (b as string) ? -1 : Number((a as string) > (b as string));
}

/** A part that is missing counts as 0; undefined for a word. BigInt, since dates with times exceed 2^53. */
function toNumber(part: string | undefined): bigint | undefined {
  if (part === undefined) return 0n;
  return /^\d+$/.test(part) ? BigInt(part) : undefined;
}
