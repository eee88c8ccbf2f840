import Connection from 'kafkajs/src/network/connection';

/**
 * kafkajs forgets that a connection has logged in when it begins to close it, but goes on taking requests until the
 * answers that are still due have come. Such a request would log in a second time, which the broker refuses
 * (ILLEGAL_SASL_STATE) and ends the connection for: everybody who waits on it fails. It is forgotten at the end instead.
 */
const disconnect = Object.getOwnPropertyDescriptor(Connection.prototype, 'disconnect')?.value as (
  this: Connection,
) => Promise<boolean>;

Connection.prototype.disconnect = async function (this: Connection): Promise<boolean> {
  const { authenticatedAt } = this;
  const disconnected = disconnect.call(this);
  this.authenticatedAt = authenticatedAt;
  try {
    return await disconnected;
  } finally {
    this.authenticatedAt = null;
  }
};
