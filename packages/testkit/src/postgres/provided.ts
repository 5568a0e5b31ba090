import 'vitest';

declare module 'vitest' {
  export interface ProvidedContext {
    /** What test files need to make databases of their own. */
    postgres: { superuserUrl: string; template: string; appPassword: string };
  }
}
