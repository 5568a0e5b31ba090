/** What a number counts. */
export type Unit = 'per_second' | 'ms' | 'bytes';

/** Something that was measured, beside its reference of the same run. */
export interface Figure {
  name: string;
  unit: Unit;
  /** One value for each repetition. */
  measured: number[];
  reference?: {
    name: string;
    /** Of the same repetitions, in their order. */
    measured: number[];
  };
  /** The least ratio to the reference that is aimed at. */
  goal?: number;
}

const COUNT = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** A number as people read it: `12,345/s`, `1.25 ms`, `187 MiB`. */
export function shown(value: number, unit: Unit): string {
  if (unit === 'per_second') return `${COUNT.format(value)}/s`;
  if (unit === 'bytes') return `${COUNT.format(value / 1_048_576)} MiB`;
  return `${value < 10 ? value.toFixed(2) : value < 100 ? value.toFixed(1) : COUNT.format(value)} ms`;
}

/** Measured ÷ reference of each repetition: each pair ran one after the other, under the same conditions. */
export function ratiosOf({ measured, reference }: Figure): number[] | undefined {
  return reference?.measured.map((value, index) => (measured[index] ?? Number.NaN) / value);
}
