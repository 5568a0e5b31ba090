import { DecisionFeatures, type PolicyState, createLinearPolicy, emptyPolicyState } from '@rlaas/learning';
import { decisionEventSchema, versionConfigurationSchema } from '@rlaas/schemas';

/** A decision that is to be learned at a value. */
export interface Lesson {
  id: string;
  value: number;
  /** Of the decision's event. */
  data: object;
}

/** What a version knows that learned these in this order, in one go and without any storage. */
export function uninterrupted(configuration: object, lessons: readonly Lesson[]): PolicyState {
  const parsed = versionConfigurationSchema.parse(configuration);
  const policy = createLinearPolicy(parsed);
  const state = emptyPolicyState(parsed);
  const features = new DecisionFeatures();
  for (const { id, value, data } of lessons) {
    const { context, actions, chosen, propensity } = decisionEventSchema.shape.data.parse(data);
    features.read(context, actions);
    policy.learn(state, { features, decisionId: id, chosen, propensity, reward: value });
  }
  return state;
}
