/** The number of a region that stands for several. */
export const SEVERAL = 31;

/** Gives each region a number that fits 5 bits, in the order in which they are asked for. Throws for more than 31 of them. */
export class RegionNumbers {
  readonly #numbers = new Map<string, number>();

  of(region: string): number {
    const known = this.#numbers.get(region) ?? this.#numbers.size;
    if (known >= SEVERAL) throw new RangeError(`more than ${SEVERAL} regions cannot be audited at once`);
    this.#numbers.set(region, known);
    return known;
  }
}
