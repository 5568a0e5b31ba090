import type {
  Policy,
  PolicyConfiguration,
  PolicyVersion,
  RewardSpecification,
  StoredRewardSpecification,
  ValidatedRewardSpecification,
  VersionConfiguration,
} from '@rlaas/schemas';

/** What an installation has of one policy. */
export interface PolicyState {
  /** With its entity tag, by which a change by somebody else is noticed. */
  policy: { value: Policy; etag: string } | undefined;
  /** The newest reward specification. */
  reward: StoredRewardSpecification | undefined;
  versions: PolicyVersion[];
}

/** One change; each can be made again without harm. */
export type Step =
  /** `expected`: number of the newest version, 0 for none. */
  | { kind: 'reward'; policy: string; definition: RewardSpecification; expected: number }
  /** `etag`: that of the configuration that is to be changed; `undefined`: there is none yet. */
  | { kind: 'policy'; policy: string; configuration: PolicyConfiguration; etag: string | undefined }
  | { kind: 'version'; policy: string; version: string; configuration: VersionConfiguration }
  | { kind: 'shadow'; policy: string; version: string };

/** An installation, as one tenant sees it. */
export interface PolicyServer {
  read: (policy: string) => Promise<PolicyState>;
  /** What is wrong with a reward specification, or may not be meant; nothing is saved. */
  validate: (definition: RewardSpecification) => Promise<ValidatedRewardSpecification>;
  /** @throws CommandError when it is refused, with the reason */
  make: (step: Step) => Promise<void>;
}
