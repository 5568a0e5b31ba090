/** Where something is, on a line that changes in place, with lines above it that stay. */
export interface Status {
  /** Changes the line. Where there is no terminal it is printed now and then. */
  show: (line: string) => void;
  /** Prints a line that stays. */
  say: (line: string) => void;
  /** Takes the line away. */
  end: () => void;
}

const EACH_MS = 200;
const EACH_MS_ELSEWHERE = 5_000;

export function createStatus(
  out: Pick<NodeJS.WriteStream, 'write' | 'isTTY' | 'columns'>,
  now: () => number,
): Status {
  let [shownAt, isShown] = [Number.NEGATIVE_INFINITY, false];
  const clear = (): void => {
    if (isShown) out.write('\r\u001B[2K');
    isShown = false;
  };
  return {
    show(line) {
      if (now() - shownAt < (out.isTTY ? EACH_MS : EACH_MS_ELSEWHERE)) return;
      shownAt = now();
      if (!out.isTTY) {
        out.write(`${line}\n`);
        return;
      }
      clear();
      out.write(line.slice(0, (out.columns || 80) - 1));
      isShown = true;
    },
    say(line) {
      clear();
      out.write(`${line}\n`);
    },
    end: clear,
  };
}
