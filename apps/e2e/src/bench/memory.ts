import { readFileSync } from 'node:fs';

/** What a process takes of the machine's memory, in bytes; 0 when there is no such process. */
export interface Memory {
  rss: number;
  /** Pages that several processes share are counted once in all; as RSS where the system does not tell. */
  pss: number;
}

export function memoryOf(pids: readonly number[]): Memory {
  const each = pids.map((pid) => {
    const rss = kilobytes(`/proc/${pid}/status`, 'VmRSS') ?? 0;
    return { rss, pss: kilobytes(`/proc/${pid}/smaps_rollup`, 'Pss') ?? rss };
  });
  const sum = (of: (memory: Memory) => number) => each.reduce((all, memory) => all + of(memory), 0) * 1024;
  return { rss: sum(({ rss }) => rss), pss: sum(({ pss }) => pss) };
}

function kilobytes(file: string, name: string): number | undefined {
  try {
    const found = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(readFileSync(file, 'latin1'));
    return found ? Number(found[1]) : undefined;
  } catch {
    return undefined;
  }
}
