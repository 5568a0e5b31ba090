/** How far something has come. */
export interface Progress {
  /** @param share how much is done, in [0, 1] */
  at: (share: number) => void;
  end: () => void;
}

export interface ProgressOptions {
  label: string;
  print: (line: string) => void;
  /** Writes at the cursor of a terminal; absent where there is none. */
  draw?: ((text: string) => void) | undefined;
  now: () => number;
}

const WIDTH = 30;
const REDRAW_MS = 100;

/** A bar that is drawn over itself on a terminal; elsewhere a line for each 10 %. */
export function createProgress(options: ProgressOptions): Progress {
  return options.draw ? bar(options.label, options.draw, options.now) : lines(options);
}

function bar(label: string, draw: (text: string) => void, now: () => number): Progress {
  let [drawnAt, shown] = [Number.NEGATIVE_INFINITY, 0];
  const paint = (): void => {
    const full = Math.floor(shown * WIDTH);
    draw(
      `\r${label}  [${'#'.repeat(full)}${'-'.repeat(WIDTH - full)}] ${String(percent(shown)).padStart(3)} %`,
    );
    drawnAt = now();
  };
  return {
    at(share) {
      shown = share;
      if (now() - drawnAt >= REDRAW_MS) paint();
    },
    end() {
      paint();
      draw('\n');
    },
  };
}

function lines({ label, print }: ProgressOptions): Progress {
  let told = 0;
  return {
    at(share) {
      const tens = Math.floor(percent(share) / 10);
      if (tens > told) print(`${label}  ${tens * 10} %`);
      told = Math.max(told, tens);
    },
    end: () => undefined,
  };
}

function percent(share: number): number {
  return Math.floor(Math.min(1, share) * 100);
}
