import type { ChatClient } from '../support/chat-client';
import type { Outcome, Sent } from '../support/record';
import { pause } from '../support/until';
import { Changes } from './changes';
import type { Random } from './random';
import type { World } from './world';

/** How often each operation is done, among a hundred. */
const weights = {
  say: 44,
  post: 12,
  repeat: 6,
  'say and cut': 4,
  'same id with other words': 2,
  'say elsewhere': 3,
  read: 10,
  typing: 3,
  drop: 2,
  cut: 2,
  join: 5,
  leave: 2,
  add: 3,
  remove: 2,
} as const;
type Operation = keyof typeof weights;

/** How long somebody stays away, and how long he thinks before his next operation, in ms. */
const away = [50, 3000] as const;
const thinks = [20, 220] as const;
const sendWithinMs = 180_000;

/** One client that does whatever its random stream says, as long as the check goes on. */
export class Actor {
  private readonly changes: Changes;
  private lines = 0;

  constructor(
    private readonly name: string,
    private readonly client: ChatClient,
    private readonly world: World,
    private readonly random: Random,
  ) {
    this.changes = new Changes(client, world, random);
  }

  /** Resolves, connected or about to be, when the last operation is answered or given up. */
  async act(goesOn: () => boolean): Promise<void> {
    while (goesOn()) {
      const operation = this.random.weighted(weights);
      this.world.count(operation);
      await this.do(operation);
      await pause(this.random.between(...thinks));
    }
    this.client.link.start();
  }

  private async do(operation: Operation): Promise<unknown> {
    switch (operation) {
      case 'say':
        return this.say('socket', this.roomOfHis());
      case 'post':
        return this.say('REST', this.roomOfHis());
      case 'say and cut':
        return this.sayAndCut();
      case 'say elsewhere':
        return this.say('socket', this.otherRoom());
      case 'repeat':
        return this.again((sent) => sent.text);
      case 'same id with other words':
        return this.again((sent) => `not ${sent.text}`);
      case 'typing':
        return this.type();
      case 'drop':
        return this.drop();
      case 'cut':
        return this.cut();
      case 'read':
        return this.changes.read(this.roomOfHis());
      case 'join':
        return this.changes.join(this.otherRoom());
      case 'leave':
        return this.changes.leave(this.roomOfHis());
      case 'add':
        return this.changes.add(this.roomOfHis());
      case 'remove':
        return this.changes.remove(this.roomOfHis());
    }
  }

  private async say(door: 'socket' | 'REST', roomId: string | undefined): Promise<void> {
    if (roomId === undefined) return;
    const line = ++this.lines;
    const text = this.random.next() < 0.02 ? `line ${line} ${'long '.repeat(400)}` : `line ${line}`;
    await this.send(door, roomId, text, `${this.name}.${line}`);
  }

  private async send(door: 'socket' | 'REST', roomId: string, text: string, id: string): Promise<Outcome> {
    const options = { id, withinMs: sendWithinMs };
    const { client } = this;
    const outcome = await (door === 'REST'
      ? client.post(roomId, text, options)
      : client.send(roomId, text, options));
    if (outcome.kind === 'acked') this.world.acked(client);
    return outcome;
  }

  /** The connection goes while the message is on its way; it is sent again under its id. */
  private async sayAndCut(): Promise<void> {
    const said = this.say('socket', this.roomOfHis());
    await pause(this.random.between(0, 8));
    this.client.link.cut();
    await said;
  }

  /** One of his last messages under its id once more, by either door. */
  private async again(words: (sent: Sent) => string): Promise<void> {
    const sent = this.random.pick(this.client.record.sent.slice(-20));
    if (sent)
      await this.send(this.random.next() < 0.5 ? 'socket' : 'REST', sent.roomId, words(sent), sent.id);
  }

  private async type(): Promise<void> {
    const roomId = this.roomOfHis();
    if (roomId !== undefined) await this.client.ask('typing', { roomId }).catch(() => undefined);
  }

  /** Away for a while; he comes back at his next gateway with his last seqs. */
  private async drop(): Promise<void> {
    this.client.drop();
    await pause(this.random.between(...away));
    this.client.link.start();
  }

  private async cut(): Promise<void> {
    if (await this.client.link.online(2000)) this.client.link.cut();
  }

  /** A room that he takes himself for a member of. */
  private roomOfHis(): string | undefined {
    return this.random.pick(this.world.rooms.filter(({ id }) => this.client.record.open(id) !== undefined))
      ?.id;
  }

  private otherRoom(): string | undefined {
    return this.random.pick(this.world.rooms.filter(({ id }) => this.client.record.open(id) === undefined))
      ?.id;
  }
}
