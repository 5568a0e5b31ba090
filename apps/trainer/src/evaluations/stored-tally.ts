import type { RobustMixtureState, StoredSums } from '@rlaas/learning';
import { z } from 'zod';

const count = z.int().min(0);
const partials = z.array(z.number());
const pair = z.object({ sum: partials, squares: partials });
const sumsForm = z.object({
  n: count,
  largest: z.number().min(0),
  sums: z.record(z.string(), partials),
  switched: z.array(z.object({ dr: partials, drdr: partials, q: partials, qq: partials })),
  shrunk: z.array(pair),
});
/** Its names are those of the sums, and a matter of these alone. */
const sumsSchema = z.custom<StoredSums>((value) => sumsForm.safeParse(value).success);
const mixtureSchema: z.ZodType<RobustMixtureState> = z.object({
  count,
  sum: z.number(),
  low: z.number(),
  middle: z.number(),
  high: z.array(z.tuple([z.number(), z.number()])),
});

/** What an evaluation goes on from after a break. */
export const storedTallySchema = z.object({
  sums: sumsSchema,
  interval: z.object({ gains: mixtureSchema, losses: mixtureSchema }),
  leftOut: z.object({
    not_explored: count,
    sticky_repeat: count,
    // Not there in what was begun before these were left out.
    repeated_draw: count.default(0),
    no_propensity: count,
    target_undefined: count,
    unreadable: count,
  }),
  imported: count,
  partial: count,
});
export type StoredTally = z.infer<typeof storedTallySchema>;
