import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { clientEvents, errorsOf, routes } from '@maru/contracts';
import { eventRules } from './event-rules';
import { expected, type Role, roomKinds, routeRules } from './rules';

const root = path.resolve(__dirname, '../../../..');
const nameOf = ({ method, path: at }: { method: string; path: string }): string => `${method} ${at}`;
const sorted = (names: Iterable<string>): string[] => [...new Set(names)].sort();

function sources(pattern: string): string[] {
  const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', pattern], {
    cwd: root,
    encoding: 'utf8',
  });
  return files
    .split('\n')
    .filter(Boolean)
    .map((file) => readFileSync(path.join(root, file), 'utf8'));
}

/** The routes of a controller's source: `get /api/rooms/{id}`. */
function routesIn(source: string): string[] {
  const [, prefix = ''] = /@Controller\((?:'([^']*)')?\)/.exec(source) ?? [];
  return [...source.matchAll(/@(Get|Post|Put|Patch|Delete|All|Head|Options)\((?:'([^']*)')?\)/g)].map(
    ([, method = '', at = '']) => {
      const whole = ['', prefix, at].filter((part, index) => index === 0 || part !== '').join('/');
      return `${method.toLowerCase()} ${whole.replace(/:(\w+)/g, '{$1}')}`;
    },
  );
}

describe('the rules of who may do what', () => {
  it('name every route of the contracts, and no other', () => {
    expect(sorted(routeRules.map(({ route }) => route))).toEqual(sorted(routes.map(nameOf)));
  });

  it('name every client event, each with a rule', () => {
    expect(sorted(Object.keys(eventRules))).toEqual(sorted(Object.keys(clientEvents)));
    expect(Object.values(eventRules).filter((rules) => rules.length === 0)).toEqual([]);
  });

  it('leave a route open to nobody but those that the contracts call public', () => {
    const open = routeRules.filter(({ least }) => least === 'anybody').map(({ route }) => route);
    expect(sorted(open)).toEqual(sorted(routes.filter(({ access }) => access === 'public').map(nameOf)));
  });

  it('ask for a server key wherever the contracts do, each with the scope that its handler asks for', () => {
    const ofServer = routes.filter(({ access }) => access === 'server');
    const ruled = routeRules.filter(({ least }) => least === 'server').map(({ route }) => route);
    expect(sorted(ruled)).toEqual(sorted(ofServer.map(nameOf)));
    const scopes = sources('apps/*.controller.ts').flatMap((source) =>
      [...source.matchAll(/@(Get|Post|Put|Patch|Delete)\((?:'([^']*)')?\)(?:\s*@\w+\([^)]*\))*/g)].flatMap(
        ([decorators, method = '', at = '']) => {
          const [, scope] = /@ForServer\('([^']+)'\)/.exec(decorators) ?? [];
          const [, prefix = ''] = /@Controller\('([^']*)'\)/.exec(source) ?? [];
          const path = ['', prefix, at].filter((part, index) => index === 0 || part !== '').join('/');
          return scope === undefined
            ? []
            : [`${method.toLowerCase()} ${path.replace(/:(\w+)/g, '{$1}')} ${scope}`];
        },
      ),
    );
    expect(sorted(scopes)).toEqual(sorted(ofServer.map((route) => `${nameOf(route)} ${route.scope}`)));
  });

  it('refuse with codes that the route is documented with', () => {
    const roles: Role[] = ['nobody', 'deleted', 'stranger', 'member', 'moderator', 'owner'];
    const wrong = routeRules.flatMap((rule) => {
      const route = routes.find((one) => nameOf(one) === rule.route);
      const documented = new Set<string>(route ? errorsOf(route) : []);
      const codes = roomKinds.flatMap((kind) => roles.map((role) => expected(rule, role, kind)));
      return sorted(codes)
        .filter((code) => code !== 'done' && !documented.has(code))
        .map((code) => `${rule.route}: ${code}`);
    });
    expect(wrong).toEqual([]);
  });
});

describe('what the apps serve', () => {
  it('is every route of the contracts, and below /api nothing else', () => {
    const served = sources('apps/*.controller.ts').flatMap(routesIn);
    const publicly = served.filter((route) => route.split(' ')[1]?.startsWith('/api/'));
    expect(sorted(publicly)).toEqual(sorted(routes.map(nameOf)));
  });

  it('is marked as internal wherever it stands below /internal', () => {
    const internal = sources('apps/*.controller.ts').filter((source) =>
      routesIn(source).some((route) => route.includes(' /internal')),
    );
    expect(internal.length).toBeGreaterThan(2);
    for (const source of internal) expect(source).toMatch(/@Internal\(\)\s*@Controller\(/);
  });
});
