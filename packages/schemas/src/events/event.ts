import { z } from 'zod';
import { worded } from '../wording.ts';
import { activationEventSchema } from './activation.ts';
import { decisionEventSchema } from './decision.ts';
import { demonstrationEventSchema } from './demonstration.ts';
import { episodeEndEventSchema } from './episode-end.ts';
import { feedbackEventSchema } from './feedback.ts';
import { inferenceEventSchema } from './inference.ts';
import { outcomeEventSchema } from './outcome.ts';
import { preferenceEventSchema } from './preference.ts';
import { rewardEventSchema } from './reward.ts';

/** Schema of each type, for whoever knows the type already. */
export const eventSchemasByType = {
  decision: decisionEventSchema,
  inference: inferenceEventSchema,
  outcome: outcomeEventSchema,
  feedback: feedbackEventSchema,
  demonstration: demonstrationEventSchema,
  preference: preferenceEventSchema,
  reward: rewardEventSchema,
  activation: activationEventSchema,
  episode_end: episodeEndEventSchema,
} as const;

/** What kind of fact an event is. */
export type EventType = keyof typeof eventSchemasByType;
export const eventTypes = Object.keys(eventSchemasByType) as [EventType, ...EventType[]];
export const eventTypeSchema = z.enum(eventTypes, worded).meta({ description: 'Type of the event.' });

/** The version in which events of a type are written now. */
export const currentSchemaVersions = {
  decision: 1,
  inference: 1,
  outcome: 1,
  feedback: 1,
  demonstration: 1,
  preference: 1,
  reward: 1,
  activation: 1,
  episode_end: 1,
} as const satisfies Record<EventType, number>;

/** Any event. What is parsed equals what was given: no defaults, nothing is changed. */
export const eventSchema = z.discriminatedUnion(
  'type',
  [
    decisionEventSchema,
    inferenceEventSchema,
    outcomeEventSchema,
    feedbackEventSchema,
    demonstrationEventSchema,
    preferenceEventSchema,
    rewardEventSchema,
    activationEventSchema,
    episodeEndEventSchema,
  ],
  worded,
);
export type Event = z.infer<typeof eventSchema>;
