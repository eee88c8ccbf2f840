import type { PageUser } from './page-user';
import type { Stage } from './stage';

/** A room of three with a conversation that has a bit of everything, open at `user`'s page. @returns its name */
export async function talkAbout(stage: Stage, user: PageUser): Promise<string> {
  const room = stage.roomName('Tea');
  const roomId = await user.createRoom(room);
  const bob = await stage.plainMember('Bob Stone', roomId);
  const cleo = await stage.plainMember('Cleo Park', roomId);
  await bob.door.send('1', 'Which tea tonight? https://example.org/teas has a list.');
  await cleo.door.send('1', 'Something without caffeine, please.\nI have to be up early.');
  await user.sees('Something without caffeine, please.\nI have to be up early.');
  await user.say('Barley tea it is.');
  await user.sees('Barley tea it is.');
  for (const { door } of [bob, cleo]) door.cut();
  return room;
}
