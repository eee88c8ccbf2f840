import { readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(__dirname, '../../../..');
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');

/** Below these there are advisories. A package that is not installed is fine. */
const floors: Record<string, string> = {
  ws: '8.21.0',
  'engine.io': '6.6.9',
  'socket.io': '4.8.4',
  'socket.io-parser': '4.2.6',
  'class-validator': '0.14.0',
  validator: '13.15.22',
  multer: '2.2.0',
  aedes: '0.35.1',
  jsonwebtoken: '9.0.3',
};
/** Nest 12, or 11 from here on. */
const nest11 = '11.1.24';
const kafka = '4.2.0';

const numbers = (version: string): number[] => version.split(/[.-]/).slice(0, 3).map(Number);

/** Whether `version` is `floor` or later. A pre-release of the floor itself is before it. */
function reaches(version: string, floor: string): boolean {
  const [is, least] = [numbers(version), numbers(floor)];
  const differs = least.findIndex((part, index) => is[index] !== part);
  if (differs === -1) return !version.includes('-');
  return (is[differs] ?? 0) > (least[differs] ?? 0);
}

interface Locked {
  name: string;
  place: string;
  version: string;
}
const { packages } = JSON.parse(read('package-lock.json')) as {
  packages: Record<string, { version?: string }>;
};
const locked: Locked[] = Object.entries(packages).flatMap(([place, { version }]) =>
  version === undefined ? [] : [{ name: place.split('node_modules/').at(-1) ?? '', place, version }],
);

describe('version floors', () => {
  it('hold for every copy in the lock file', () => {
    const low = locked.filter(({ name, version }) => {
      const floor = Object.hasOwn(floors, name) ? floors[name] : undefined;
      return floor !== undefined && !reaches(version, floor);
    });
    expect(low).toEqual([]);
    expect(locked.map(({ name }) => name)).toEqual(expect.arrayContaining(['ws', 'socket.io', 'multer']));
  });

  it('hold for Nest', () => {
    const nest = locked.filter(({ name }) =>
      /^@nestjs\/(common|core|microservices|websockets|platform-)/.test(name),
    );
    expect(nest.length).toBeGreaterThan(4);
    expect(nest.filter(({ version }) => !reaches(version, nest11))).toEqual([]);
  });

  it('hold for the broker, here and in the Compose file', () => {
    const own = /<artifactId>kafka_[\d.]+<\/artifactId>\s*<version>([\d.]+)</.exec(
      read('libs/stack/kafka/pom.xml'),
    );
    const composed = /image: apache\/kafka:([\d.]+)/.exec(read('docker/compose.yaml'));
    for (const match of [own, composed]) expect(reaches(match?.[1] ?? '0.0.0', kafka)).toBe(true);
  });

  it('Kafka Connect is of the version of the broker', () => {
    const versionOf = (file: string, artifact: string): string | undefined =>
      new RegExp(`<artifactId>${artifact}</artifactId>\\s*<version>([\\d.]+)<`).exec(read(file))?.[1];
    const connect = versionOf('docker/connect/pom.xml', 'connect-runtime');
    expect(connect).toBeDefined();
    expect(connect).toBe(versionOf('libs/stack/kafka/pom.xml', 'kafka_[\\d.]+'));
  });

  it.each([
    ['8.21.0', '8.21.0', true],
    ['8.9.9', '8.21.0', false],
    ['9.0.0', '8.21.0', true],
    ['8.21.0-beta.1', '8.21.0', false],
    ['8.22.0-beta.1', '8.21.0', true],
  ])('%s against %s: %s', (version, floor, expected) => expect(reaches(version, floor)).toBe(expected));
});
