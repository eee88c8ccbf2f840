import type { Member, Room } from '@maru/client';
import { useEffect, useState } from 'preact/hooks';

const most = 200;

/** The first members of a room, as they are now; read when `wanted`. */
export function useMembers(room: Room, wanted: boolean): readonly Member[] {
  const [members, setMembers] = useState<readonly Member[]>([]);
  useEffect(() => {
    if (!wanted) return;
    let current = true;
    const read = (): void =>
      void firstOf(room).then(
        (all) => current && setMembers(all),
        () => undefined,
      );
    read();
    const stop = room.on('event', ({ type }) => changing.has(type) && read());
    return () => {
      current = false;
      stop();
    };
  }, [room, wanted]);
  return members;
}

const changing = new Set(['memberJoined', 'memberLeft', 'roleChanged', 'memberMuted', 'roomUpdated']);

async function firstOf(room: Room): Promise<Member[]> {
  const members: Member[] = [];
  for await (const member of room.members()) if (members.push(member) === most) break;
  return members;
}
