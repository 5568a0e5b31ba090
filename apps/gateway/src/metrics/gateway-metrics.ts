import { Counter, Gauge, type Registry } from 'prom-client';

/** What the gateway counts, beside what all services count. */
export type GatewayMetrics = ReturnType<typeof createGatewayMetrics>;

export function createGatewayMetrics(registry: Registry) {
  const counter = (name: string, help: string) =>
    new Counter({ name: `rlaas_gateway_${name}_total`, help, registers: [registry] });
  const decisions = new Counter({
    name: 'rlaas_gateway_decisions_total',
    help: 'Decisions that were answered, by mode.',
    labelNames: ['mode'],
    registers: [registry],
  });
  return {
    /** Decisions of a mode. */
    decided: {
      live: decisions.labels('live'),
      canary: decisions.labels('canary'),
      shadow_only: decisions.labels('shadow_only'),
      degraded: decisions.labels('degraded'),
    },
    unlogged: counter(
      'decisions_unlogged',
      'Decisions that could not be written down: the baseline was answered, or 503 with JOURNAL_FULL=stop.',
    ),
    failedScoring: counter('decisions_failed_scoring', 'Times that a version failed to score a decision.'),
    refusedArtefacts: counter(
      'artefacts_refused',
      'Policies, versions and checkpoints that could not be loaded; what was served before is served on.',
    ),
    rejected: counter(
      'journal_rejected',
      'Decisions that the collector refused, and damaged entries; they are in journal/rejected.',
    ),
    shipped: counter('journal_shipped', 'Decisions that the collector has taken.'),
    shipFailures: counter(
      'journal_ship_failures',
      'Tries to bring the journal to the collector that failed.',
    ),
    /** A figure that is asked for when somebody looks. */
    gauge(name: string, help: string, value: () => number): void {
      registry.registerMetric(
        new Gauge({
          name: `rlaas_gateway_${name}`,
          help,
          registers: [],
          collect() {
            this.set(value());
          },
        }),
      );
    },
  };
}
