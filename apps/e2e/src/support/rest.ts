import type {
  EditMessage,
  ErrorBody,
  LoggedIn,
  Member,
  MessageNow,
  MyRoom,
  OwnUser,
  Posted,
  Room,
  RoomEvent,
  RoomPosition,
  Tokens,
  UpdateMember,
} from '@maru/contracts';

export interface Answer<T> {
  status: number;
  body: T;
}

/** An answer that is no success, as the error that it is. */
export class RestError extends Error {
  constructor(
    readonly status: number,
    readonly body: Partial<ErrorBody>,
  ) {
    super(`${status} ${body.code ?? ''} ${body.message ?? ''}`);
    this.name = 'RestError';
  }
}

export interface NewRoom {
  id?: string;
  name: string;
  visibility: 'public' | 'private';
  memberIds?: string[];
}
export interface NewMessage {
  id?: string;
  text: string;
  kind?: string;
  metadata?: Record<string, unknown>;
  replyTo?: number;
  mentions?: string[];
}

/** The public HTTP API of one gateway, as any program would call it. `token` is an access token. */
export class Rest {
  constructor(
    readonly url: string,
    private readonly timeoutMs = 30_000,
  ) {}

  /** Whatever is answered; rejects only when nothing is. */
  async ask<T>(method: string, path: string, token?: string, body?: unknown): Promise<Answer<T>> {
    const response = await fetch(`${this.url}/api${path}`, {
      method,
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      signal: AbortSignal.timeout(this.timeoutMs),
    });
    const text = await response.text();
    return { status: response.status, body: (text === '' ? undefined : JSON.parse(text)) as T };
  }

  /** The first part of an answer that does not end, as text; a refusal as it is. */
  async begin(path: string, token?: string): Promise<Answer<unknown>> {
    const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const signal = AbortSignal.timeout(this.timeoutMs);
    const response = await fetch(`${this.url}/api${path}`, { headers: authorization, signal });
    if (!response.ok) return { status: response.status, body: await response.json() };
    const reader = response.body?.getReader();
    const first = await reader?.read();
    await reader?.cancel();
    return { status: response.status, body: Buffer.from(first?.value ?? []).toString() };
  }

  /** @throws RestError when the answer is no success. */
  async get<T>(method: string, path: string, token?: string, body?: unknown): Promise<T> {
    const answer = await this.ask<T>(method, path, token, body);
    if (answer.status >= 300) throw new RestError(answer.status, answer.body as Partial<ErrorBody>);
    return answer.body;
  }

  signUp = (email: string, name: string, password: string) =>
    this.get<OwnUser>('POST', '/users', undefined, { email, name, password });
  logIn = (email: string, password: string) =>
    this.get<LoggedIn>('POST', '/auth/login', undefined, { email, password });
  refresh = (refreshToken: string) => this.get<Tokens>('POST', '/auth/refresh', undefined, { refreshToken });
  logOut = (token: string, refreshToken: string) =>
    this.get<undefined>('POST', '/auth/logout', token, { refreshToken });

  createRoom = (token: string, room: NewRoom) => this.get<Room>('POST', '/rooms', token, room);
  myRooms = (token: string) => this.get<{ items: MyRoom[] }>('GET', '/rooms?limit=100', token);
  join = (token: string, room: string) => this.get<RoomPosition>('POST', `/rooms/${room}/join`, token);
  add = (token: string, room: string, userId: string) =>
    this.get<RoomPosition>('POST', `/rooms/${room}/members`, token, { userId });
  remove = (token: string, room: string, userId: string) =>
    this.get<RoomPosition>('DELETE', `/rooms/${room}/members/${userId}`, token);
  members = (token: string, room: string) =>
    this.get<{ items: Member[] }>('GET', `/rooms/${room}/members?limit=100`, token);
  read = (token: string, room: string, seq: number) =>
    this.get<{ readSeq: number }>('POST', `/rooms/${room}/read`, token, { seq });

  post = (token: string, room: string, message: NewMessage) =>
    this.get<Posted>('POST', `/rooms/${room}/messages`, token, message);
  direct = (token: string, userId: string, message: NewMessage) =>
    this.get<Posted>('POST', `/direct/${userId}/messages`, token, message);
  edit = (token: string, room: string, seq: number, edit: EditMessage) =>
    this.get<RoomPosition>('PATCH', `/rooms/${room}/messages/${seq}`, token, edit);
  unsay = (token: string, room: string, seq: number) =>
    this.get<RoomPosition>('DELETE', `/rooms/${room}/messages/${seq}`, token);
  /** `method`: POST to add the reaction, DELETE to take it back. */
  reaction = (method: 'POST' | 'DELETE', token: string, room: string, seq: number, reaction: string) =>
    this.get<RoomPosition>(
      method,
      `/rooms/${room}/messages/${seq}/reactions/${encodeURIComponent(reaction)}`,
      token,
    );
  updateMember = (token: string, room: string, userId: string, changes: UpdateMember) =>
    this.get<RoomPosition>('PATCH', `/rooms/${room}/members/${userId}`, token, changes);
  messages = (token: string, room: string, query = '') =>
    this.get<{ items: MessageNow[]; seq: number }>('GET', `/rooms/${room}/messages${query}`, token);

  /** Every event after `after`, page by page until an empty one. */
  async events(token: string, room: string, after = 0): Promise<RoomEvent[]> {
    const all: RoomEvent[] = [];
    for (let last = after; ;) {
      const path = `/rooms/${room}/events?after=${last}&limit=100`;
      const { items } = await this.get<{ items: RoomEvent[] }>('GET', path, token);
      const seq = items.at(-1)?.seq;
      if (seq === undefined) return all;
      all.push(...items);
      last = seq;
    }
  }
}
