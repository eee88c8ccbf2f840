import {
  ackBodies,
  type ClientEvent,
  clientEvents,
  errorBody,
  serverEventBodies,
  socketRoomEvents,
  topics,
} from '@maru/contracts';
import type { GoldenSample } from '../golden/golden-file';
import { type JsonSchema, refTo, type SchemaBook } from '../schema-book';
import type { Message } from './document';

/** The names of what sockets tell: of a room, to its members, and what is for one user alone. */
export const roomNames = [...Object.keys(socketRoomEvents), 'read', 'typing'];
export const userNames = Object.keys(serverEventBodies).filter((name) => !roomNames.includes(name));
export const clientNames = Object.keys(clientEvents) as ClientEvent[];

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
/** Some events are both told and asked, such as `read`: what is asked is a message of another key. */
export const askName = (event: string): string => `${event}Request`;
export const ackName = (event: string): string => `${event}Ack`;

/** What every door carries, in the words of Socket.IO; other doors wrap it. */
export class SocketMessages {
  readonly messages: Record<string, Message> = {};

  constructor(
    private readonly book: SchemaBook,
    samples: readonly GoldenSample[],
  ) {
    book.named('Error', errorBody, 'output');
    for (const name of Object.keys(serverEventBodies)) this.messages[name] = this.serverEvent(name, samples);
    for (const name of clientNames) {
      this.messages[askName(name)] = { name, payload: this.asked(name), title: `You ask: ${name}` };
      this.messages[ackName(name)] = { name: ackName(name), payload: this.ack(name) };
    }
  }

  /** The body of a server event. */
  told(name: string): JsonSchema {
    const schema = serverEventBodies[name];
    if (schema === undefined) throw new Error(`no server event ${name}`);
    return this.book.named(`${capital(name)}Body`, schema, 'output');
  }

  /** The payload of a client event. */
  asked(name: ClientEvent): JsonSchema {
    return this.book.named(`${capital(name)}Request`, clientEvents[name], 'input');
  }

  /** The same, to be put among the fields of a frame. */
  askedFields(name: ClientEvent): { properties: Record<string, unknown>; required: string[] } {
    const { properties = {}, required = [] } = this.book.of(clientEvents[name], 'input');
    return { properties: properties as Record<string, unknown>, required: required as string[] };
  }

  private ack(name: ClientEvent): JsonSchema {
    const body = this.book.of(ackBodies[name], 'output');
    return { oneOf: [{ allOf: [ok(true), body] }, refused] };
  }

  private serverEvent(name: string, samples: readonly GoldenSample[]): Message {
    const type = name === 'newMessage' ? 'message' : name;
    const sample = samples.find((one) => one.topic === topics.chatEvents && one.type === type);
    return {
      name,
      title: `You hear: ${name}`,
      payload: this.told(name),
      ...(sample && { examples: [{ payload: sample.value }] }),
    };
  }
}

const ok = (value: boolean): JsonSchema => ({
  type: 'object',
  required: ['ok'],
  properties: { ok: { const: value } },
});
const refused: JsonSchema = {
  type: 'object',
  required: ['ok', 'error'],
  properties: { ok: { const: false }, error: refTo('Error') },
};
