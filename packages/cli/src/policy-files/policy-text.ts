import { type PolicyFile, type PolicyFileMistake, readPolicyFile } from '@rlaas/schemas';
import { placeInScalar } from './place-in-scalar.ts';
import { type Place, type TextMistake, readYamlDocument } from './yaml-document.ts';

/** A mistake in a policy file, with its place for a person and for an editor. */
export interface FileMistake {
  path: string;
  /** From 1. */
  line: number;
  /** From 1, in UTF-16 units. */
  column: number;
  message: string;
  /** The line that it is in. */
  text: string;
}

/**
 * Makes a mistake of what somebody else found in the file.
 * @param within a character of the text that stands at the path
 */
export type MarkMistake = (
  path: readonly (string | number)[],
  message: string,
  within?: { value: string; offset: number },
) => FileMistake;

/** Reads the text of a policy file; all mistakes at once, in the order of the text. */
export function readPolicyText(
  path: string,
  text: string,
):
  | { ok: true; file: PolicyFile; nameOf: FileMistake; mark: MarkMistake }
  | { ok: false; mistakes: FileMistake[] } {
  const yaml = readYamlDocument(text);
  const rows = text.split(/\r\n|\n|\r/);
  const at = ({ offset, message }: TextMistake): FileMistake => {
    const { line, col } = yaml.lines.linePos(Math.min(offset, text.length));
    return { path, line: Math.max(line, 1), column: Math.max(col, 1), message, text: rows[line - 1] ?? '' };
  };
  const failed = (mistakes: readonly TextMistake[]) => ({
    ok: false as const,
    mistakes: mistakes.toSorted((a, b) => a.offset - b.offset).map(at),
  });
  if (!yaml.ok) return failed(yaml.mistakes);
  const read = readPolicyFile(yaml.value);
  if (!read.ok) {
    return failed(
      read.mistakes.map((found) => ({ offset: offsetOf(found, yaml.place), message: found.message })),
    );
  }
  const name = yaml.place.inner.get('policy') ?? yaml.place;
  const mark: MarkMistake = (inFile, message, within) => {
    const start = offsetOf({ path: [...inFile], message, aboutName: false }, yaml.place);
    const offset = within ? placeInScalar(text, start, within.value, within.offset) : start;
    return at({ offset, message });
  };
  return { ok: true, file: read.file, nameOf: at({ offset: name.offset, message: '' }), mark };
}

/** Where a mistake stands; of a member that is not there, where the object stands that lacks it. */
function offsetOf({ path, aboutName }: PolicyFileMistake, place: Place): number {
  let found = place;
  for (const step of path) {
    const next = found.inner.get(step);
    if (!next) return found.nameOffset ?? found.offset;
    found = next;
  }
  return aboutName ? (found.nameOffset ?? found.offset) : found.offset;
}
