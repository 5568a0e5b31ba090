/** What a command may touch of the world; `main` gives the real one, tests their own. */
export interface CommandContext {
  /** The process's variables over those of `config/.env`. */
  environment: Readonly<Record<string, string | undefined>>;
  /** Folder with `apps`, `packages`, `config`. */
  root: string;
  /** Prints a line of the result. */
  print: (line: string) => void;
  /** Writes at the cursor of the terminal, for what changes in place; absent where there is none. */
  draw?: (text: string) => void;
  /** Draws a line over the one that was drawn before, and an empty one takes it away; absent where there is no terminal. */
  progress?: (line: string) => void;
  now: () => number;
  /** Asks the person at the terminal for a yes; absent where there is none. */
  confirm?: (question: string) => Promise<boolean>;
  /** Who runs this, for the audit log. */
  user: string;
}
