import { z } from 'zod';
import { worded } from '../wording.ts';

/** In which way a decision was made. */
export const decisionModes = ['live', 'canary', 'shadow_only', 'baseline', 'degraded'] as const;
export const decisionModeSchema = z.enum(decisionModes, worded).meta({
  id: 'DecisionMode',
  description:
    '`live`: by the active version; `canary`: by a version under test that has a share of the traffic; `shadow_only`: no version is active, the explored baseline plays; `baseline`: the application chose by itself; `degraded`: nothing could be scored or logged.',
});
export type DecisionMode = z.infer<typeof decisionModeSchema>;
