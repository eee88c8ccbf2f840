import type { ManagedProcess, RunFile } from '@maru/stack';
import type { Builds } from './faults/builds';
import type { WeakPoints } from './faults/weak-points';

/** The Maru that a check runs against, whoever started it. */
export interface CheckStack {
  /** Where each gateway is. */
  urls: string[];
  brokers: string[];
  /** What run.json says now; nothing when only its doors are known, and then nothing of it is ended. */
  read(): RunFile | undefined;
  /** The data folder of one that this check started. */
  home?: string;
  /** The processes of one that this check started. */
  processes?: ReadonlyMap<string, ManagedProcess>;
  /** What this check has built into it before it started it. */
  weakPoints?: WeakPoints;
  /** Two builds of its apps, when it was started with them. */
  builds?: Builds;
  /** Ends it when this check started it, else leaves it as it is. */
  stop(): Promise<void>;
  /** Whether this check started it. */
  ours: boolean;
}

/** Something that goes wrong on purpose. */
export interface Fault {
  /** What stands in the table: `gateway killed`, `kafka stopped 15 s` … */
  kind: string;
  /** How long it takes at least, so that a plan can fit it in. */
  minSeconds: number;
  /** The goal: in how many seconds from its beginning the service should be back. */
  backWithinSeconds?: number;
  /** Resolves when the fault has ended: its cause is gone, though its effect may go on. */
  throw(stack: CheckStack, random: () => number): Promise<void>;
}
