import { publicEvents, type PublicTopic, type PublicTopicName, publicTopics } from '@maru/contracts';
import type { ZodType } from 'zod';
import { breaks, news } from './breaks';
import { draft } from './draft';
import { fileOf, type GoldenSample, schemaOf } from './golden-file';

export interface PublicEvent {
  topic: string;
  type: string;
  contract: ZodType;
}

/** Every event that other services may count on. */
export const allEvents = (): PublicEvent[] =>
  Object.keys(publicTopics).flatMap((topic) =>
    Object.entries(publicEvents(topic as PublicTopicName)).map(([type, contract]) => ({
      topic,
      type,
      contract,
    })),
  );

export interface Judged {
  /** How the events break who consumes them as a sample has them. */
  problems: string[];
  /** Samples that are to be written: of new events, and of those that have got something new. */
  missing: GoldenSample[];
}

/** Holds the events against the samples of all their versions. */
export function judge(events: readonly PublicEvent[], samples: readonly GoldenSample[]): Judged {
  const judged: Judged = { problems: [], missing: [] };
  for (const event of events) {
    const own = samples.filter((sample) => sample.topic === event.topic && sample.type === event.type);
    const problems = own.flatMap((sample) => problemsOf(event, sample));
    judged.problems.push(...problems);
    const newest = own.at(-1);
    const isNew = newest === undefined || news(newest.schema, schemaOf(event.contract)).length > 0;
    if (isNew && problems.length === 0) judged.missing.push(sampleOf(event, (newest?.version ?? 0) + 1));
  }
  const gone = samples.filter((sample) => !events.some((event) => isOf(sample, event)));
  judged.problems.push(
    ...gone.map((sample) => `${fileOf(sample)}: there is no such event any more; ${remedy}`),
  );
  return judged;
}

const remedy =
  'its consumers count on it. Keep it, and bring what is new as a further optional field or under a type of its own: docs/consume-events.md#versions';

const isOf = (sample: GoldenSample, event: PublicEvent): boolean =>
  sample.topic === event.topic && sample.type === event.type;

function problemsOf({ contract }: PublicEvent, sample: GoldenSample): string[] {
  const found = breaks(sample.schema, schemaOf(contract));
  const refused = contract
    .safeParse(sample.value)
    .error?.issues.map(({ path, message }) => `${path.join('.')} of the sample is refused: ${message}`);
  const all = found.length > 0 ? found : (refused ?? []);
  return all.length === 0 ? [] : [`${fileOf(sample)}: ${all.join(', ')}; ${remedy}`];
}

function sampleOf({ topic, type, contract }: PublicEvent, version: number): GoldenSample {
  const schema = schemaOf(contract);
  const value = draft(schema) as Record<string, unknown>;
  const { key, source, id }: PublicTopic = publicTopics[topic as PublicTopicName];
  const field = (name: string) => `${(value[name] as string | number | undefined) ?? 42}`;
  return {
    topic,
    type,
    version,
    key: field(key),
    headers: {
      ce_specversion: '1.0',
      ce_type: type,
      ce_source: source,
      ce_id: id.includes(' ') ? '42' : id.split('/').map(field).join('/'),
      'content-type': 'application/json',
    },
    value,
    schema,
  };
}
