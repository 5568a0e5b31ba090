import { portOf } from './ports.ts';

/** The services in the order in which they are started; they are stopped in the opposite order. */
const SERVICES = [
  { name: 'trainer', port: 8083, metricsPort: 9467 },
  { name: 'reward', port: 8082, metricsPort: 9466 },
  { name: 'collector', port: 8081, metricsPort: 9465 },
  { name: 'gateway', port: 8080, metricsPort: 9464 },
] as const;

export type ServiceName = (typeof SERVICES)[number]['name'];

export interface ServicePorts {
  name: ServiceName;
  port: number;
  portVariable: string;
  metricsPort: number;
  metricsPortVariable: string;
}

/** Ports as the environment says, or the usual ones. @throws CommandError when one is none */
export function servicePorts(environment: Readonly<Record<string, string | undefined>>): ServicePorts[] {
  return SERVICES.map(({ name, port, metricsPort }) => {
    const portVariable = `${name.toUpperCase()}_PORT`;
    const metricsPortVariable = `${name.toUpperCase()}_METRICS_PORT`;
    return {
      name,
      port: portOf(environment, portVariable, port),
      portVariable,
      metricsPort: portOf(environment, metricsPortVariable, metricsPort),
      metricsPortVariable,
    };
  });
}
