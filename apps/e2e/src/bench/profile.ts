import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { SourceMap, type SourceMapPayload } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Lines and columns from 0. */
interface Frame {
  functionName: string;
  url: string;
  lineNumber: number;
  columnNumber: number;
}
interface CpuProfile {
  nodes: { id: number; callFrame: Frame }[];
  /** Microseconds of the clock that all processes share. */
  startTime: number;
  samples: number[];
  /** Microseconds before each sample. */
  timeDeltas: number[];
}
/** From and to, in microseconds of the same clock. */
export type Span = [from: number, to: number];
/** Self-time in ms, the most first. */
type Times = [name: string, ms: number][];

export interface ProfileSummary {
  busyMs: number;
  functions: Times;
  packages: Times;
}

/** Where a process spent its CPU time while it was measured, from what `node --cpu-prof` has written. */
export function summarise(profile: CpuProfile, spans: readonly Span[]): ProfileSummary {
  const { nodes, samples, timeDeltas, startTime } = profile;
  const sources = new Sources();
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, sources.original(callFrame)]));
  const [functions, packages] = [new Map<string, number>(), new Map<string, number>()];
  let [busyMs, now] = [0, startTime];
  samples.forEach((id, at) => {
    now += timeDeltas[at] ?? 0;
    const { functionName, url, lineNumber } = frames.get(id) ?? nowhere;
    if (functionName === '(idle)' || !spans.some(([from, to]) => now >= from && now <= to)) return;
    const ms = (timeDeltas[at] ?? 0) / 1000;
    const place = url === '' ? '' : ` ${shortUrl(url)}:${lineNumber + 1}`;
    add(functions, `${functionName || '(anonymous)'}${place}`, ms);
    add(packages, packageOf(functionName, url), ms);
    busyMs += ms;
  });
  const sorted = (times: Map<string, number>) => [...times].sort(([, a], [, b]) => b - a);
  return { busyMs, functions: sorted(functions), packages: sorted(packages) };
}

const nowhere: Frame = { functionName: '', url: '', lineNumber: 0, columnNumber: 0 };

/** Where a place in a bundle comes from, by the map beside it. */
class Sources {
  private readonly maps = new Map<string, SourceMap | undefined>();

  original(frame: Frame): Frame {
    const entry = this.mapOf(frame.url)?.findEntry(frame.lineNumber, frame.columnNumber);
    if (!entry || !('originalSource' in entry)) return frame;
    return { ...frame, url: entry.originalSource, lineNumber: entry.originalLine };
  }

  private mapOf(url: string): SourceMap | undefined {
    if (!this.maps.has(url)) {
      const file = url.startsWith('file:') ? `${fileURLToPath(url)}.map` : '';
      const map = existsSync(file)
        ? new SourceMap(JSON.parse(readFileSync(file, 'utf8')) as SourceMapPayload)
        : undefined;
      this.maps.set(url, map);
    }
    return this.maps.get(url);
  }
}

/** Every profile of a folder that was busy in those spans, as text for people. */
export function profileReport(folder: string, spans: readonly Span[], top = 20): string {
  const files = readdirSync(folder).filter((name) => name.endsWith('.cpuprofile'));
  const summaries = files.sort().map((file) => {
    const profile = JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as CpuProfile;
    return { file, ...summarise(profile, spans) };
  });
  const busy = summaries.filter(({ busyMs }) => busyMs > 0);
  if (busy.length === 0)
    return `No profile of what was measured in ${folder}: an app that is killed writes none.`;
  return busy
    .map(({ file, busyMs, functions, packages }) => {
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
