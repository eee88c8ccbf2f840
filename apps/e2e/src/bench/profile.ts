import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

interface CpuProfile {
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number } }[];
  samples: number[];
  /** Microseconds before each sample. */
  timeDeltas: number[];
}
/** Self-time in ms, the most first. */
type Times = [name: string, ms: number][];

export interface ProfileSummary {
  busyMs: number;
  functions: Times;
  packages: Times;
}

/** Where a process spent its CPU time, from what `node --cpu-prof` has written. */
export function summarise({ nodes, samples, timeDeltas }: CpuProfile): ProfileSummary {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const [functions, packages] = [new Map<string, number>(), new Map<string, number>()];
  let busyMs = 0;
  samples.forEach((id, at) => {
    const { functionName = '', url = '', lineNumber = 0 } = frames.get(id) ?? {};
    if (functionName === '(idle)') return;
    const ms = (timeDeltas[at] ?? 0) / 1000;
    const place = url === '' ? '' : ` ${shortUrl(url)}:${lineNumber + 1}`;
    add(functions, `${functionName || '(anonymous)'}${place}`, ms);
    add(packages, packageOf(functionName, url), ms);
    busyMs += ms;
  });
  const sorted = (times: Map<string, number>) => [...times].sort(([, a], [, b]) => b - a);
  return { busyMs, functions: sorted(functions), packages: sorted(packages) };
}

/** Every profile of a folder, as text for people. */
export function profileReport(folder: string, top = 20): string {
  const files = readdirSync(folder).filter((name) => name.endsWith('.cpuprofile'));
  if (files.length === 0) return `No profile in ${folder}.`;
  return files
    .sort()
    .map((file) => {
      const summary = summarise(JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as CpuProfile);
      const { busyMs, functions, packages } = summary;
      const lines = (times: Times) =>
        times.slice(0, top).map(([name, ms]) => `${((ms / busyMs) * 100).toFixed(1).padStart(6)} %  ${name}`);
      const head = `${path.join(folder, file)}: busy for ${(busyMs / 1000).toFixed(1)} s`;
      return [head, 'self-time by package', ...lines(packages), 'by function', ...lines(functions)].join(
        '\n',
      );
    })
    .join('\n\n');
}

/** `pg`, `kafkajs`, `libs/postgres`, `apps/gateway`, `node:net`; V8's own work by its name. */
function packageOf(functionName: string, url: string): string {
  if (url === '') return functionName.startsWith('(') ? functionName : 'built into V8';
  if (url.startsWith('node:')) return url.split('/')[0] ?? url;
  const modules = url.split('/node_modules/').at(-1);
  if (url.includes('/node_modules/') && modules !== undefined)
    return modules
      .split('/')
      .slice(0, modules.startsWith('@') ? 2 : 1)
      .join('/');
  return /(?:apps|libs)\/[^/]+/.exec(url)?.[0] ?? 'other';
}

function shortUrl(url: string): string {
  const modules = url.lastIndexOf('/node_modules/');
  if (modules >= 0) return url.slice(modules + '/node_modules/'.length);
  return /(?:apps|libs)\/.*/.exec(url)?.[0] ?? url.split('/').slice(-2).join('/');
}

function add(times: Map<string, number>, name: string, ms: number): void {
  times.set(name, (times.get(name) ?? 0) + ms);
}
