/** Users are named by their ids; a `watcher` is one who is connected here. */
interface Known {
  friends: Set<string>;
  blockedBy: Set<string>;
  /** Whether he is told of members of his rooms; not where it cannot be known who has blocked him. */
  rooms: boolean;
}

const none: ReadonlySet<string> = new Set();

/** Who is to be told of whom: his friends, and members of small rooms that the two share; not whom he has blocked. */
export class WatchIndex {
  private readonly known = new Map<string, Known>();
  private readonly friendOf = new Map<string, Set<string>>();
  private readonly members = new Map<string, Set<string>>();
  private readonly roomsOf = new Map<string, Set<string>>();
  /** How many friends, blocks and members it holds. */
  pairs = 0;

  /** Whether it is known whom he knows. */
  has(watcher: string): boolean {
    return this.known.has(watcher);
  }

  friendsOf(watcher: string): ReadonlySet<string> {
    return this.known.get(watcher)?.friends ?? none;
  }

  blockedBy(watcher: string): ReadonlySet<string> {
    return this.known.get(watcher)?.blockedBy ?? none;
  }

  /** `blockedBy`: `null` when they are too many to be known. */
  setKnown(watcher: string, friends: Iterable<string>, blockedBy: Iterable<string> | null): void {
    this.drop(watcher);
    const rooms = blockedBy !== null;
    const known = { friends: new Set(friends), blockedBy: new Set(blockedBy), rooms };
    this.known.set(watcher, known);
    for (const friend of known.friends) put(this.friendOf, friend, watcher);
    this.pairs += known.friends.size + known.blockedBy.size;
  }

  drop(watcher: string): void {
    const known = this.known.get(watcher);
    if (known === undefined) return;
    this.known.delete(watcher);
    for (const friend of known.friends) take(this.friendOf, friend, watcher);
    this.pairs -= known.friends.size + known.blockedBy.size;
  }

  setMembers(roomId: string, userIds: Iterable<string>): void {
    this.dropRoom(roomId);
    const members = new Set(userIds);
    this.members.set(roomId, members);
    for (const userId of members) put(this.roomsOf, userId, roomId);
    this.pairs += members.size;
  }

  dropRoom(roomId: string): void {
    const members = this.members.get(roomId);
    if (members === undefined) return;
    this.members.delete(roomId);
    for (const userId of members) take(this.roomsOf, userId, roomId);
    this.pairs -= members.size;
  }

  /** Who is told how this user is. */
  watchersOf(userId: string): Set<string> {
    const watchers = new Set(this.friendOf.get(userId));
    for (const roomId of this.roomsOf.get(userId) ?? none)
      for (const member of this.members.get(roomId) ?? none)
        if (this.known.get(member)?.rooms === true) watchers.add(member);
    watchers.delete(userId);
    for (const watcher of watchers) if (this.blockedBy(watcher).has(userId)) watchers.delete(watcher);
    return watchers;
  }

  sees(watcher: string, userId: string): boolean {
    const known = this.known.get(watcher);
    if (known === undefined || watcher === userId || known.blockedBy.has(userId)) return false;
    if (known.friends.has(userId)) return true;
    if (!known.rooms) return false;
    const rooms = this.roomsOf.get(watcher) ?? none;
    return [...rooms].some((roomId) => this.members.get(roomId)?.has(userId) === true);
  }

  /** Those here whose friend he is. */
  friendsHere(userId: string): ReadonlySet<string> {
    return this.friendOf.get(userId) ?? none;
  }
}

function put(index: Map<string, Set<string>>, key: string, value: string): void {
  const there = index.get(key);
  if (there) there.add(value);
  else index.set(key, new Set([value]));
}

function take(index: Map<string, Set<string>>, key: string, value: string): void {
  const there = index.get(key);
  there?.delete(value);
  if (there?.size === 0) index.delete(key);
}
