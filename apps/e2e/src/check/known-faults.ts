import { faults } from '../faults/catalogue';
import type { CheckStack, Fault } from './check-stack';
import type { Random } from './random';

const lengths = { writerStopped: 12_000, brokerPaused: 8000, storeAway: 8000 };
/** Until a process is started again, and for the calm stretch after a fault. */
const aroundSeconds = 12;

/** What can be thrown into a stack whose processes are known and run as three brokers and two of each door. */
export function knownFaults(stack: CheckStack): Fault[] {
  const { processes } = stack;
  const run = stack.read();
  const whole = ['kafka-3', 'api-chat-2', 'gateway-2', 'postgres'].every((name) => processes?.has(name));
  if (!processes || !run || !whole) return [];
  const struck = {
    processes,
    get run() {
      return stack.read() ?? run;
    },
  };
  return faults(lengths).map((fault) => ({
    kind: fault.name,
    minSeconds: aroundSeconds + Math.max(0, ...Object.values(lengths)) / 1000,
    throw: (_stack, random) => fault.strike(struck, Math.floor(random() * 3)),
  }));
}

/** As many as fit into the time, each kind once before any comes again. */
export function drawn(faults: readonly Fault[], random: Random, minutes: number): Fault[] {
  const order: Fault[] = [];
  let left = minutes * 60;
  let bag: Fault[] = [];
  while (faults.length > 0) {
    if (bag.length === 0) bag = [...faults];
    const [fault] = bag.splice(random.below(bag.length), 1);
    left -= fault?.minSeconds ?? 0;
    if (!fault || left < 0) break;
    order.push(fault);
  }
  return order;
}
