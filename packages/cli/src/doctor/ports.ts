import type { Health } from '@rlaas/schemas';
import { isPortInUse } from '../dev/ports.ts';
import { servicePorts } from '../dev/services.ts';
import { EXIT } from '../exit-codes.ts';
import type { Finding } from './finding.ts';

/** Whether the ports of the services are free, or used by the services themselves. */
export async function checkPorts(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const service of servicePorts(environment)) {
    const what = `port ${service.port}`;
    if (!(await isPortInUse(service.port))) {
      findings.push({ what, verdict: 'fine', message: `free for the ${service.name}` });
    } else if ((await whoAnswers(service.port)) === service.name) {
      findings.push({ what, verdict: 'fine', message: `the ${service.name} runs there` });
    } else {
      findings.push({
        what,
        verdict: 'wrong',
        message: `used by another program than the ${service.name}. Stop it, or set ${service.portVariable}.`,
        exitCode: EXIT.portInUse,
      });
    }
  }
  return findings;
}

async function whoAnswers(port: number): Promise<string | undefined> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/healthz`, { signal: AbortSignal.timeout(1_000) });
    return ((await response.json()) as Partial<Health>).service;
  } catch {
    // Whatever listens there is no service of RLaaS: that is the answer.
    return undefined;
  }
}
