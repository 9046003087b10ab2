import { portsInUse } from './free-ports.ts';
import { canaryPort, githubPort, hubPorts, receiverPort, regionPorts, tracesPort } from './layout.ts';

type NamedPorts = readonly (readonly [name: string, port: number])[];

interface Shape {
  readonly basePort: number;
  readonly regions: readonly string[];
  readonly hubNodes: number;
  readonly canary: boolean;
}

/** All ports of a stack, by the name that a person knows them under. */
export function stackPorts({ basePort, regions, hubNodes, canary }: Shape): NamedPorts {
  const hub = Array.from({ length: hubNodes }, (_, index) => named(`hub ${index + 1}`, { ...hubPorts(basePort, index) }));
  const blocks = regions.map((region, index) => named(regions.length === 1 ? '' : region, { ...regionPorts(basePort, index) }));
  const outside: [string, number][] = [
    ['receiver', receiverPort(basePort)],
    ['github', githubPort(basePort, hubNodes)],
    ['traces', tracesPort(basePort, hubNodes)],
  ];
  if (canary) outside.push(['canary', canaryPort(basePort, hubNodes)]);
  return [...outside, ...blocks.flat(), ...hub.flat()];
}

/** The ports of one region, by the same names. */
export const regionBlock = (basePort: number, region: string, index: number): NamedPorts =>
  named(region, { ...regionPorts(basePort, index) });

const named = (place: string, ports: Readonly<Record<string, number>>): NamedPorts =>
  Object.entries(ports).map(([name, port]) => [`${place} ${name}`.trim(), port] as const);

/** Throws with those of the ports that something listens on already. */
export async function refusePortsInUse(wanted: NamedPorts): Promise<void> {
  const taken = await portsInUse(Object.fromEntries(wanted));
  if (taken.length > 0) throw new Error(`ports in use: ${taken.join(', ')}. Choose others with --port N.`);
}
