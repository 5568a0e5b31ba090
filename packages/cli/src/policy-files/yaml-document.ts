import { LineCounter, isAlias, isMap, isPair, isScalar, isSeq, parseAllDocuments } from 'yaml';
import type { Node, Pair } from 'yaml';

/** A mistake in a text, as an offset in UTF-16 units from its beginning. */
export interface TextMistake {
  offset: number;
  message: string;
}

/** Where a value stands, and the values in it. */
export interface Place {
  offset: number;
  /** Where the name stands under which it is a member. */
  nameOffset?: number;
  inner: Map<string | number, Place>;
}

/** Far beyond every policy, and little enough to be held and sent: what aliases stand for counts each time. */
const MOST_VALUES = 100_000;
const MOST_LEVELS = 48;

/**
 * Reads one YAML 1.2 document as plain values, with their places. Anchors, aliases and merge keys may be used within
 * bounds: a few lines of them could stand for more than fits into memory. Names that are there twice, tags and several
 * documents are mistakes.
 */
export function readYamlDocument(
  text: string,
):
  | { ok: true; value: unknown; place: Place; lines: LineCounter }
  | { ok: false; mistakes: TextMistake[]; lines: LineCounter } {
  const lines = new LineCounter();
  // The parser's own check of names compares each with all before it; the reader below looks each up.
  const documents = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
  const [document, second] = documents;
  const failed = (mistakes: TextMistake[]) => ({ ok: false as const, mistakes, lines });
  if (!document) return failed([EMPTY]);
  const told = documents.flatMap(({ errors, warnings }) => errors.concat(warnings));
  const deep = told.find(({ code }) => code === 'RESOURCE_EXHAUSTION');
  if (deep) return failed([{ offset: deep.pos[0], message: TOO_DEEP }]);
  if (told.length > 0) {
    return failed(told.map(({ pos, message }) => ({ offset: pos[0], message: firstLine(message) })));
  }
  if (second) {
    const offset = second.contents?.range?.[0] ?? second.range[0];
    return failed([{ offset, message: 'a second document begins here; write one file for each policy' }]);
  }
  if (document.directives?.yaml.explicit === true && document.directives.yaml.version !== '1.2') {
    return failed([{ offset: 0, message: 'only YAML 1.2 is read; leave the %YAML line out' }]);
  }
  if (!document.contents) return failed([EMPTY]);
  const reader = new NodeReader();
  const { value, place } = reader.read(document.contents, 0);
  return reader.mistakes.length > 0 ? failed(reader.mistakes) : { ok: true, value, place, lines };
}

const EMPTY: TextMistake = { offset: 0, message: 'the file is empty' };
const TOO_DEEP = `this is nested too deeply; at most ${MOST_LEVELS} levels are read`;

interface Read {
  value: unknown;
  place: Place;
}

/** What an anchor stands for: how many values, and how many levels below its own. */
interface Anchored {
  value: unknown;
  size: number;
  height: number;
}

/** Turns nodes into values, in the order of the text, so that an alias finds the anchors that stand before it. */
class NodeReader {
  readonly mistakes: TextMistake[] = [];
  /** What each anchor stands for; `open` while it is being read: an alias to it would never end. */
  readonly #anchors = new Map<string, Anchored | 'open'>();
  #values = 0;
  /** The deepest level that was read since it was last set. */
  #deepest = 0;
  #stopped = false;

  read(node: Node, level: number): Read {
    const offset = node.range?.[0] ?? 0;
    const nothing: Read = { value: null, place: { offset, inner: new Map() } };
    if (this.#stopped) return nothing;
    if (!this.#count(1, level)) return this.#stop(nothing);
    if (isAlias(node)) return this.#readAlias(node.source, nothing, level);
    const anchor = 'anchor' in node ? node.anchor : undefined;
    if (anchor === undefined) return this.#readNode(node, nothing, level);
    const [before, deepest] = [this.#values, this.#deepest];
    this.#anchors.set(anchor, 'open');
    this.#deepest = level;
    const read = this.#readNode(node, nothing, level);
    const size = this.#values - before + 1;
    this.#anchors.set(anchor, { value: read.value, size, height: this.#deepest - level });
    this.#deepest = Math.max(this.#deepest, deepest);
    return read;
  }

  /** Counts values that reach down to a level. @returns whether there may be as many */
  #count(values: number, level: number): boolean {
    this.#values += values;
    this.#deepest = Math.max(this.#deepest, level);
    return this.#values <= MOST_VALUES && level <= MOST_LEVELS;
  }

  #readNode(node: Node, nothing: Read, level: number): Read {
    return isScalar(node)
      ? this.#readScalar(node.value, node.source, nothing)
      : this.#readCollection(node, nothing, level);
  }

  #readCollection(node: Node, { place }: Read, level: number): Read {
    if (isMap(node)) return { value: this.#readMembers(node.items, place, level), place };
    if (!isSeq(node)) throw new TypeError('a node is neither a scalar, a map nor a list');
    const value = node.items.map((item, index) => {
      // `[a: 1]` is a list of one map.
      const read = isPair(item)
        ? { value: this.#readMembers([item], place, level + 1), place }
        : this.read(item as Node, level + 1);
      if (!isPair(item)) place.inner.set(index, read.place);
      return read.value;
    });
    return { value, place };
  }

  #readMembers(pairs: readonly Pair[], place: Place, level: number): Record<string, unknown> {
    const members = new Map<string, unknown>();
    const merged: Node[] = [];
    for (const pair of pairs) {
      const key = pair.key as Node | null;
      const nameOffset = key?.range?.[0] ?? place.offset;
      if (!isScalar(key) || key.value === null) {
        this.mistakes.push({ offset: nameOffset, message: 'a name must be plain text' });
        continue;
      }
      const name = typeof key.value === 'string' ? key.value : (key.source ?? '');
      const value = pair.value as Node | null;
      if (name === '<<' && key.type === 'PLAIN' && value) {
        merged.push(value);
        continue;
      }
      if (name === '__proto__') {
        // Left out without a word by what reads the value.
        this.mistakes.push({ offset: nameOffset, message: '"__proto__" cannot be a name' });
        continue;
      }
      if (members.has(name)) {
        this.mistakes.push({ offset: nameOffset, message: `${JSON.stringify(name)} is there twice` });
        continue;
      }
      const read = value
        ? this.read(value, level + 1)
        : { value: null, place: { offset: nameOffset, inner: new Map() } };
      members.set(name, read.value);
      place.inner.set(name, { ...read.place, nameOffset });
    }
    for (const node of merged) this.#merge(node, members, place, level);
    return Object.fromEntries(members);
  }

  /** What is merged has no say where a member is written out, or was merged before. */
  #merge(node: Node, members: Map<string, unknown>, place: Place, level: number): void {
    const { value, place: from } = this.read(node, level + 1);
    for (const source of Array.isArray(value) ? (value as unknown[]) : [value]) {
      if (typeof source !== 'object' || source === null || Array.isArray(source)) {
        this.mistakes.push({
          offset: from.offset,
          message: 'only an object, or a list of them, can be merged',
        });
        return;
      }
      for (const [name, member] of Object.entries(source)) {
        if (members.has(name)) continue;
        members.set(name, member);
        place.inner.set(name, from.inner.get(name) ?? from);
      }
    }
  }

  #readAlias(source: string, nothing: Read, level: number): Read {
    const target = this.#anchors.get(source);
    if (!target) return this.#refuse(nothing, `there is no anchor &${source} before this`);
    if (target === 'open') return this.#refuse(nothing, `*${source} stands within what it stands for`);
    if (!this.#count(target.size, level + target.height)) return this.#stop(nothing);
    // Its own place: what it stands for may be right elsewhere.
    return { value: target.value, place: nothing.place };
  }

  #readScalar(value: unknown, source: string | undefined, nothing: Read): Read {
    if (typeof value === 'string' && (value.includes('\0') || !value.isWellFormed())) {
      return this.#refuse(nothing, 'this text holds characters that cannot be stored');
    }
    if (typeof value === 'number' && /^[-+]?\d+$/.test(source ?? '') && !Number.isSafeInteger(value)) {
      return this.#refuse(nothing, 'whole numbers are exact up to 9007199254740991 only; write it as text');
    }
    return { ...nothing, value };
  }

  #refuse(nothing: Read, message: string): Read {
    this.mistakes.push({ offset: nothing.place.offset, message });
    return nothing;
  }

  #stop(nothing: Read): Read {
    this.#stopped = true;
    const many = this.#values > MOST_VALUES;
    return this.#refuse(nothing, many ? `the file stands for more than ${MOST_VALUES} values` : TOO_DEEP);
  }
}

function firstLine(text: string): string {
  const [line = ''] = text.split('\n');
  return line.charAt(0).toLowerCase() + line.slice(1);
}
