import { Conversations } from './conversations';
import { Entrance } from './session/entrance';
import { HereContext } from './session/here';
import { useSession } from './session/use-session';

/** Who is logged in sees his conversations, everybody else the entrance. */
export function App() {
  const { standing, logIn, signUp } = useSession();
  switch (standing.is) {
    case 'looking':
      return null;
    case 'out':
      return <Entrance notice={standing.notice} logIn={logIn} signUp={signUp} />;
    case 'in':
      return (
        <HereContext.Provider value={standing.here}>
          <Conversations key={standing.here.me.id} />
        </HereContext.Provider>
      );
  }
}
