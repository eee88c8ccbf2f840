// Messages per minute and room, live. `--from-beginning` counts all that were ever said, whatever the group has read.
import { Kafka, logLevel } from 'kafkajs';

type RoomEvent = { type: string; roomId: string; seq: number; createdAt: string };
const topic = 'chat.events';
const groupId = process.env.KAFKA_GROUP ?? 'messages-per-minute';
const brokers = (process.env.KAFKA_BROKERS ?? '127.0.0.1:9092').split(',');
const fromBeginning = process.argv.includes('--from-beginning');
const consumer = new Kafka({ brokers, logLevel: logLevel.ERROR }).consumer({ groupId });
const rooms = new Map<string, { seq: number; minute: string; count: number }>();
const news = new Map<string, number>(); // by minute and room: what is not printed yet

function take(value: Buffer | null): void {
  const { type, roomId, seq, createdAt } = JSON.parse(String(value)) as RoomEvent;
  const room = rooms.get(roomId) ?? { seq: 0, minute: '', count: 0 };
  if (seq <= room.seq) return; // the drop rule
  rooms.set(roomId, Object.assign(room, { seq }));
  if (type !== 'message') return;
  const minute = createdAt.slice(0, 16);
  if (minute > room.minute) Object.assign(room, { minute, count: 0 });
  news.set(`${room.minute} ${roomId}`, ++room.count);
}
function print(): void {
  for (const [minuteAndRoom, messages] of news) console.log(`${minuteAndRoom} ${messages}`);
  news.clear();
}
async function main(): Promise<void> {
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    const mine = fromBeginning ? (payload.memberAssignment[topic] ?? []) : [];
    for (const partition of mine) consumer.seek({ topic, partition, offset: '0' });
  });
  consumer.on(consumer.events.CRASH, ({ payload }) => payload.restart || process.exit(1));
  await consumer.subscribe({ topic, fromBeginning });
  await consumer.run({ eachMessage: async ({ message }) => take(message.value) });
  setInterval(print, 500);
}
const stop = () => void consumer.disconnect().finally(() => process.exit());
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, stop);
process.on('exit', print);
void main();
