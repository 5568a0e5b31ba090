/** What was measured in one repetition, beside its reference. */
export interface Pair<Measured, Reference> {
  measured: Measured;
  reference: Reference;
}

/**
 * Measures something and its reference in turns. Which of them comes first is swapped each time, so that neither
 * always has the cooler machine.
 * @param run.prepare what both get, made before either is timed
 */
export async function inTurns<Input, Measured, Reference>(
  repetitions: number,
  run: {
    prepare: () => Promise<Input>;
    measure: (input: Input) => Promise<Measured>;
    refer: (input: Input) => Promise<Reference>;
    done: (pair: Pair<Measured, Reference>, repetition: number) => void;
  },
): Promise<Pair<Measured, Reference>[]> {
  const pairs: Pair<Measured, Reference>[] = [];
  for (let repetition = 1; repetition <= repetitions; repetition += 1) {
    const input = await run.prepare();
    const pair =
      repetition % 2 === 1
        ? { measured: await run.measure(input), reference: await run.refer(input) }
        : await referenceFirst(run, input);
    pairs.push(pair);
    run.done(pair, repetition);
  }
  return pairs;
}

async function referenceFirst<Input, Measured, Reference>(
  run: { measure: (input: Input) => Promise<Measured>; refer: (input: Input) => Promise<Reference> },
  input: Input,
): Promise<Pair<Measured, Reference>> {
  const reference = await run.refer(input);
  return { measured: await run.measure(input), reference };
}
