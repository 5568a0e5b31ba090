import type { Attack } from './attack.ts';
import { compressionBombs } from './attacks/bombs.ts';
import { mutations } from './attacks/mutations.ts';
import { deepNesting, wideValues } from './attacks/shapes.ts';
import { endlessText, halfRequests, largeBodies, slowBodies } from './attacks/streams.ts';
import { strangeRequests, strangeValues } from './attacks/texts.ts';

export const attacks: readonly Attack[] = [
  slowBodies,
  halfRequests,
  compressionBombs,
  deepNesting,
  wideValues,
  endlessText,
  largeBodies,
  strangeValues,
  strangeRequests,
  mutations,
];
