import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Group } from './group.ts';
import type { Lane } from './lanes.ts';
import { SEGMENT_HEADER, Segment, cutNote, segmentHeader, segmentName } from './segment.ts';
import type { SegmentFile, SegmentFiles } from './segment-files.ts';
import type { Segments } from './segments.ts';
import type { Place } from './shipped-positions.ts';

export interface JournalWriterOptions {
  folder: string;
  /** Number of the first segment that is made. */
  next: number;
  segments: Segments;
  /** Seed of the hashes of the index. */
  seed: number;
  files: SegmentFiles;
  fsync: 'never' | 'always';
  now: () => number;
  /** A new segment is begun at this size and age. */
  segmentBytes: number;
  segmentAgeMs: number;
  /** A write failed since the disk has no room. */
  onDiskFull: () => void;
}

interface Open {
  segment: Segment;
  file: SegmentFile;
}

/**
 * Writes groups of entries: all that come in one turn of the event loop, or while the group before is being synced, with
 * one write, and one sync where that is asked for.
 */
export class JournalWriter {
  readonly #options: JournalWriterOptions;
  #next: number;
  /** The segment that is added to. */
  #open: Open | undefined;
  #gathering: Group | undefined;
  #syncing: Group | undefined;
  #spare: Group[] = [];
  #scheduled = false;
  /** Segments with a write that failed and could not be taken back yet; until then no group is begun. */
  #uncut: Open[] = [];

  constructor(options: JournalWriterOptions) {
    this.#options = options;
    this.#next = options.next;
  }

  /**
   * Adds a decision to the group of this turn.
   * @returns a promise that settles with the group
   * @throws the error of the disk, when there is no segment to write to; TypeError when the id is no UUID
   */
  append(lane: Lane, id: string, json: string): Promise<void> {
    const group = this.#group();
    return this.#added(group, lane, group.add(lane, id, json));
  }

  /** The same with an entry that is complete. */
  appendWhole(lane: Lane, entry: Buffer): Promise<void> {
    const group = this.#group();
    return this.#added(group, lane, group.addWhole(lane, entry));
  }

  /** The JSON of an entry that is not written yet, and when it is. */
  find(segment: number, place: number, key: Buffer): { json: string; written: Promise<void> } | undefined {
    for (const group of [this.#syncing, this.#gathering]) {
      if (group?.segment?.number !== segment) continue;
      const json = group.jsonAt(place, key);
      if (json !== undefined) return { json, written: group.written };
    }
    return undefined;
  }

  /** Bytes that are not written yet. */
  get pendingBytes(): number {
    return (this.#gathering?.length ?? 0) + (this.#syncing?.length ?? 0);
  }

  /** Up to where everything is written that is. */
  get end(): Place {
    return this.#open ? [this.#open.segment.number, this.#open.segment.bytes] : [this.#next, 0];
  }

  /** Closes the segment when it is old, so that it can be freed once it is shipped. */
  closeOld(): void {
    const open = this.#open;
    if (!open || this.#gathering || this.#syncing || !this.#isOld(open.segment)) return;
    this.#close(open);
  }

  /** Writes what is there, and closes the segment. @throws the error of the disk when a failed write cannot be taken back */
  async close(): Promise<void> {
    this.#flush();
    while (this.#syncing) {
      // Whoever appended hears of it.
      await this.#syncing.written.catch(() => undefined);
    }
    if (this.#open) this.#close(this.#open);
    this.#takeBack();
  }

  #group(): Group {
    if (this.#gathering) return this.#gathering;
    const { segment, file } = this.#writable();
    const group = this.#spare.pop() ?? new Group(this.#options.seed);
    group.begin(segment, file, this.#endOf(segment));
    this.#gathering = group;
    this.#schedule();
    return group;
  }

  #writable(): Open {
    try {
      this.#takeBack();
      return this.#segment();
    } catch (error) {
      this.#noteFull(error);
      throw error;
    }
  }

  #added(group: Group, lane: Lane, bytes: number): Promise<void> {
    const { segment, keys } = group;
    const last = keys.length - 1;
    if (segment) {
      const place = keys.place(last);
      segment.add(lane, keys.hash(last), place, bytes);
      this.#options.segments.index.add(keys.hash(last), segment.number, place);
    }
    return group.written;
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    // After all requests that have come in with this turn, but before the loop waits for others.
    setImmediate(() => {
      this.#scheduled = false;
      this.#flush();
    });
  }

  #flush(): void {
    const group = this.#gathering;
    if (!group || this.#syncing) return;
    this.#gathering = undefined;
    const { file } = group;
    try {
      file?.write(group.bytes, group.length, group.place);
    } catch (error) {
      this.#fail(group, error);
      return;
    }
    if (this.#options.fsync === 'never' || !file) {
      this.#commit(group);
      return;
    }
    this.#syncing = group;
    void this.#sync(group, file);
  }

  async #sync(group: Group, file: SegmentFile): Promise<void> {
    const failed = await file.sync().then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    this.#syncing = undefined;
    if (failed) this.#fail(group, failed.error);
    else this.#commit(group);
    this.#flush();
  }

  #commit(group: Group): void {
    const { segment, file } = group;
    if (segment) {
      this.#options.segments.grow(segment, group.length);
      segment.lastAt = this.#options.now();
      group.arrive();
      if (file && segment !== this.#open?.segment) this.#close({ segment, file });
    }
    group.resolve();
    this.#spare.push(group);
  }

  /** Makes sure that nothing of the group is ever shipped, then says so. */
  #fail(group: Group, error: unknown): void {
    const { segment, file } = group;
    if (segment && file) {
      if (this.#open?.segment === segment) this.#open = undefined;
      segment.closed = true;
      this.#forget(group);
      this.#uncut.push({ segment, file });
    }
    // What came meanwhile was to stand behind it.
    const next = this.#gathering;
    if (next && next.segment === segment) {
      this.#gathering = undefined;
      this.#forget(next);
      next.reject(error);
      this.#spare.push(next);
    }
    try {
      this.#takeBack();
    } catch {
      // Tried again before anything else is written; whoever writes next hears of it.
    }
    group.reject(error);
    this.#spare.push(group);
    this.#noteFull(error);
  }

  #noteFull(error: unknown): void {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOSPC' || code === 'EDQUOT') this.#options.onDiskFull();
  }

  #forget({ segment, keys }: Group): void {
    if (!segment) return;
    for (let at = 0; at < keys.length; at += 1) {
      this.#options.segments.index.remove(keys.hash(at), segment.number, keys.place(at));
    }
    segment.keys.length -= keys.length;
  }

  /**
   * Cuts a failed write off its segment, or notes down up to where that counts.
   * @throws the error of the disk when neither can be done
   */
  #takeBack(): void {
    for (let uncut = this.#uncut[0]; uncut; uncut = this.#uncut[0]) {
      const { segment, file } = uncut;
      if (segment.bytes === SEGMENT_HEADER) this.#options.segments.remove(segment);
      else this.#cut(segment, file);
      this.#uncut.shift();
      file.close();
    }
  }

  #cut(segment: Segment, file: SegmentFile): void {
    try {
      file.cut(segment.bytes);
    } catch {
      this.#options.files.noteCut(cutNote(segment.path), segment.bytes);
    }
  }

  #segment(): Open {
    const open = this.#open;
    if (open && this.#endOf(open.segment) < this.#options.segmentBytes && !this.#isOld(open.segment)) {
      return open;
    }
    const { folder, files, now, segments } = this.#options;
    const path = join(folder, segmentName(this.#next));
    const file = files.create(path);
    const segment = new Segment(this.#next, path, now());
    try {
      file.write(segmentHeader(), SEGMENT_HEADER, 0);
    } catch (error) {
      file.close();
      rmSync(path, { force: true });
      throw error;
    }
    this.#next += 1;
    // A group of the old segment may still be syncing; then it is closed after that.
    if (open && this.#syncing?.segment !== open.segment) this.#close(open);
    this.#open = { segment, file };
    segments.push(segment);
    return this.#open;
  }

  #endOf(segment: Segment): number {
    return segment.bytes + (this.#syncing?.segment === segment ? this.#syncing.length : 0);
  }

  #isOld(segment: Segment): boolean {
    return (
      segment.bytes > SEGMENT_HEADER && segment.beganAt + this.#options.segmentAgeMs <= this.#options.now()
    );
  }

  #close(open: Open): void {
    open.segment.closed = true;
    open.file.close();
    if (this.#open?.segment === open.segment) this.#open = undefined;
    if (open.segment.bytes === SEGMENT_HEADER) this.#options.segments.remove(open.segment);
  }
}
