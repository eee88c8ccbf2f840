import { ChatClient } from '../../support/chat-client';
import { type Finding, judge } from '../../support/judge';
import type { Maru } from '../../support/maru';
import { pause } from '../../support/until';
import { newUsers } from '../../support/user';

const everyMs = 25;

/** What two ordinary users have seen of an attack. */
export interface Undisturbed {
  sent: number;
  notAcked: string[];
  slowestMs: number;
  /** Why their connections ended. */
  endings: string[];
  findings: Finding[];
}

/** Two who talk in a room of their own all the while, at stock clients. */
export class Bystanders {
  private talking = true;
  private readonly done: Promise<void>;

  private constructor(
    private readonly maru: Maru,
    private readonly roomId: string,
    private readonly clients: readonly ChatClient[],
  ) {
    this.done = Promise.all(clients.map((client) => this.talk(client))).then(() => undefined);
  }

  static async start(maru: Maru): Promise<Bystanders> {
    const users = await newUsers(maru.rest(), ['Ann', 'Bob']);
    const [ann, bob] = users as [(typeof users)[0], (typeof users)[0]];
    const room = { name: 'Tea', visibility: 'private' as const, memberIds: [bob.id] };
    const { id } = await maru.rest().createRoom(ann.token, room);
    const clients = users.map((user) => new ChatClient(user, { urls: maru.urls }));
    for (const client of clients) await client.connect();
    return new Bystanders(maru, id, clients);
  }

  /** How many messages they have had acked so far. */
  get acked(): number {
    return this.sent.filter(({ outcome }) => outcome.kind === 'acked').length;
  }

  async stop(): Promise<Undisturbed> {
    this.talking = false;
    await this.done;
    const [ann] = this.clients as [ChatClient];
    const history = await this.maru.rest().events(ann.user.token, this.roomId);
    await Promise.all(this.clients.map((client) => client.caughtUp(this.roomId, history.length)));
    const findings = judge(
      new Map([[this.roomId, history]]),
      this.clients.map(({ record }) => record),
    );
    return {
      sent: this.sent.length,
      notAcked: this.sent.flatMap(({ outcome, tries }) => (outcome.kind === 'acked' ? [] : tries)),
      slowestMs: Math.max(...this.sent.map(({ tookMs }) => tookMs)),
      endings: this.clients.flatMap(({ link }) => link.endings),
      findings,
    };
  }

  /** They leave, whatever they were at. */
  close(): void {
    this.talking = false;
    for (const client of this.clients) client.drop();
  }

  private get sent() {
    return this.clients.flatMap(({ record }) => record.sent);
  }

  private async talk(client: ChatClient): Promise<void> {
    for (let number = 0; this.talking; number++) {
      await client.send(this.roomId, `message ${number}`, { withinMs: 30_000 });
      await pause(everyMs);
    }
  }
}
