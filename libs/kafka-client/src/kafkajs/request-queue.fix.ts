import RequestQueue from 'kafkajs/src/network/requestQueue';

/**
 * kafkajs 2.2.4 arms a timer on every connection even when nothing waits, with a negative delay, and arms
 * it again each time it fires: a thousand wake-ups a second per connection, and a warning of Node's. The
 * check is only needed while requests wait for a throttle or for a free place in flight.
 */
const CHECK_AGAIN_MS = 10;

RequestQueue.prototype.scheduleCheckPendingRequests = function (this: RequestQueue) {
  if (this.throttleCheckTimeoutId || this.pending.length === 0) return;
  const wait = Math.max(CHECK_AGAIN_MS, this.throttledUntil - Date.now());
  this.throttleCheckTimeoutId = setTimeout(() => {
    this.throttleCheckTimeoutId = null;
    this.checkPendingRequests();
  }, wait);
};
