/** How VW is started, and how it is told of a reward. */
export interface VowpalWabbitCommand {
  name: string;
  arguments: string;
  /** Cost of a right action and of a wrong one. VW learns costs: −reward, unless the name says otherwise. */
  right: number;
  wrong: number;
}

/** What VW does when nobody tunes it. */
export const USUAL: readonly VowpalWabbitCommand[] = [
  command('ε-greedy .05', '--epsilon 0.05'),
  command('squarecb', '--squarecb'),
  command('cover 4', '--cover 4'),
];

/** What is tried to find VW's best: the command with the least mean loss over all data sets. */
export const GRID: readonly VowpalWabbitCommand[] = [
  ...over([2, 5, 10], [10, 20, 30, 50], (rate, scale) =>
    command(`squarecb ${scale}, rate ${rate}`, `--squarecb --gamma_scale ${scale} -l ${rate}`),
  ),
  ...over([3, 5, 8], [10, 20, 30], (rate, lambda) =>
    command(`softmax ${lambda}, rate ${rate}`, `--softmax --lambda ${lambda} -l ${rate}`),
  ),
  ...over([2, 5, 10], [0, 0.01, 0.05], (rate, epsilon) =>
    command(`ε-greedy ${epsilon}, rate ${rate}`, `--epsilon ${epsilon} -l ${rate}`),
  ),
  command('ε-greedy .02, first only, rate 5', '--epsilon 0.02 --first_only -l 5'),
  command('ε-greedy .02, dr', '--epsilon 0.02 --cb_type dr'),
  command('ε-greedy .02, dr, rate 5', '--epsilon 0.02 --cb_type dr -l 5'),
  command('cover 4, ψ .01, no floor, rate 2', '--cover 4 --psi 0.01 --nounif -l 2'),
  command('cover 4, ψ .01, no floor, rate 5', '--cover 4 --psi 0.01 --nounif -l 5'),
  command('cover 2, ψ .1, rate 5', '--cover 2 --psi 0.1 -l 5'),
  command('cover 8, ψ .1, rate 2', '--cover 8 --psi 0.1 -l 2'),
  command('regcb .001, rate 2', '--regcb --mellowness 0.001 --cb_min_cost -1 --cb_max_cost 0 -l 2'),
  command('regcbopt .01, rate 5', '--regcbopt --mellowness 0.01 --cb_min_cost -1 --cb_max_cost 0 -l 5'),
  command('bagging 4, greedy, rate 5', '--bag 4 --greedify -l 5'),
  {
    ...command('squarecb 30, rate 5, cost 1 − reward', '--squarecb --gamma_scale 30 -l 5'),
    right: 0,
    wrong: 1,
  },
  { ...command('softmax 30, rate 5, cost 1 − reward', '--softmax --lambda 30 -l 5'), right: 0, wrong: 1 },
];

/** The same as what RLaaS does by default in its speed: one linear model, squarecb. */
export const TIMED = command('squarecb', '--squarecb');

function command(name: string, options: string): VowpalWabbitCommand {
  return { name, arguments: `--cb_explore_adf ${options}`, right: -1, wrong: 0 };
}

function over<A, B>(
  first: readonly A[],
  second: readonly B[],
  make: (a: A, b: B) => VowpalWabbitCommand,
): VowpalWabbitCommand[] {
  return first.flatMap((a) => second.map((b) => make(a, b)));
}
