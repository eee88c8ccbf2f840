import { randomUUID } from 'node:crypto';
import { CodedError, maxSessionSeconds } from '@maru/contracts';
import type { IConnectPacket } from 'mqtt-packet';
import type { Version } from './packet-reader';
import { reasons, wrong } from './reasons';
import { readWill, type Will } from './will';

/** What a CONNECT asks for. */
export interface Hello {
  version: Version;
  clientId: string;
  /** Whether the client id is ours. */
  assigned: boolean;
  username: string | undefined;
  /** Forget what there was. */
  clean: boolean;
  /** How long the session outlives the connection. */
  expirySeconds: number;
  /** Silence after which the client is gone; 0: never. */
  silenceMs: number;
  will: Will | undefined;
  receiveMaximum: number;
  maxPacketBytes: number;
  /** Whether answers may carry reason strings and properties. */
  explained: boolean;
}

const forEver = 0xffff_ffff;
/** A client that takes less than this at once gets codes alone. */
const explainedBytes = 2048;
const aClientId = /^[^\p{Cc}\p{Cs}]{1,128}$/u;
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export const versionOf = ({ protocolVersion }: IConnectPacket): Version => (protocolVersion === 5 ? 5 : 4);

/** @throws CodedError when there is none. */
export function readToken({ password }: IConnectPacket): string {
  if (password === undefined || password.length === 0) {
    throw new CodedError('unauthenticated', 'The password of CONNECT is an access token.');
  }
  return password.toString();
}

/** Everything but the token, which is kept no longer than it takes. @throws Refusal when it cannot be done so. */
export function readHello(packet: IConnectPacket): Hello {
  const { clean = false, keepalive = 0, properties = {}, username, protocolVersion } = packet;
  if (protocolVersion !== 4 && protocolVersion !== 5) {
    throw wrong(reasons.version, 'MQTT 3.1.1 and 5 are spoken here.');
  }
  if (properties.authenticationMethod !== undefined) {
    throw wrong(reasons.authenticationMethod, 'The token goes into the password, without a method.');
  }
  const version = versionOf(packet);
  const maxPacketBytes = properties.maximumPacketSize ?? Infinity;
  const expiry = version === 5 ? (properties.sessionExpiryInterval ?? 0) : clean ? 0 : forEver;
  return {
    version,
    ...clientIdOf(packet, version),
    username,
    clean,
    expirySeconds: Math.min(expiry, maxSessionSeconds),
    silenceMs: keepalive * 1500,
    will: readWill(packet),
    receiveMaximum: properties.receiveMaximum ?? 65_535,
    maxPacketBytes,
    // The parser makes a truth value of this byte.
    explained:
      version === 5 &&
      maxPacketBytes >= explainedBytes &&
      (properties.requestProblemInformation as unknown) !== false,
  };
}

function clientIdOf({ clientId, clean }: IConnectPacket, version: Version) {
  if (clientId === '' && (version === 5 || clean)) return { clientId: randomUUID(), assigned: true };
  if (aClientId.test(clientId)) return { clientId, assigned: false };
  throw wrong(
    reasons.clientId,
    'A client id has 1 to 128 printable characters; an empty one needs a clean session.',
  );
}

/** Any user name will do, as the token says who it is; one that is a user's id has to be the same one's. */
export function checkUsername({ username }: Pick<Hello, 'username'>, userId: string): void {
  if (username !== undefined && uuid.test(username) && username.toLowerCase() !== userId.toLowerCase()) {
    throw new CodedError('forbidden', 'The user name is the id of another user than the token is of.');
  }
}
