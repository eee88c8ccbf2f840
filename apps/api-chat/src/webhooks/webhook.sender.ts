import { createHmac } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import { isIP } from 'node:net';
import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { CHAT_ENV, type ChatEnv } from '../chat.config';
import { InternalAddressError, isPublicAddress, lookupPublic } from './public-addresses';

export type WebhookEnv = Pick<
  ChatEnv,
  'WEBHOOK_URL' | 'WEBHOOK_SECRET' | 'WEBHOOK_TIMEOUT_MS' | 'WEBHOOK_ALLOW_PRIVATE'
>;

/** A body was not taken. It has no code: what is wrong with a receiver is not wrong with what surrounds us. */
export class WebhookError extends Error {
  override name = 'WebhookError';
}

/** `t`: seconds since 1970; `v1`: HMAC-SHA256 of `t`, a dot and the body, in hex. */
export function signature(secret: string, seconds: number, body: string): string {
  return `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`;
}

/** Posts JSON to the webhook's receiver, signed. Redirects are not followed; internal addresses are not connected to. */
@Injectable()
export class WebhookSender implements OnModuleDestroy {
  private readonly agents = {
    'http:': new http.Agent(agentOptions),
    'https:': new https.Agent(agentOptions),
  };

  constructor(@Inject(CHAT_ENV) private readonly env: WebhookEnv) {}

  onModuleDestroy(): void {
    for (const agent of Object.values(this.agents)) agent.destroy();
  }

  /** Resolves when the receiver has answered 2xx in time. @throws WebhookError */
  async post(body: string, headers: Record<string, string>): Promise<void> {
    try {
      const status = await this.ask(body, headers);
      if (status < 200 || status > 299) throw new Error(`the receiver answered ${status}`);
    } catch (error) {
      throw new WebhookError(error instanceof Error ? error.message : String(error));
    }
  }

  private ask(body: string, headers: Record<string, string>): Promise<number> {
    const { WEBHOOK_URL = '', WEBHOOK_SECRET = '', WEBHOOK_TIMEOUT_MS, WEBHOOK_ALLOW_PRIVATE } = this.env;
    const url = new URL(WEBHOOK_URL);
    const open = WEBHOOK_ALLOW_PRIVATE === 'on';
    const host = url.hostname.replace(/^\[|\]$/g, '');
    // Of an address no name is looked up.
    if (!open && isIP(host) > 0 && !isPublicAddress(host)) throw new InternalAddressError(host);
    const secure = url.protocol === 'https:';
    const options = {
      method: 'POST',
      agent: this.agents[secure ? 'https:' : 'http:'],
      headers: {
        ...headers,
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        'maru-signature': signature(WEBHOOK_SECRET, Math.floor(Date.now() / 1000), body),
      },
      signal: AbortSignal.timeout(WEBHOOK_TIMEOUT_MS),
      ...(!open && { lookup: lookupPublic }),
    };
    return new Promise((resolve, reject) => {
      const request = (secure ? https : http).request(url, options, (response) => {
        resolve(response.statusCode ?? 0);
        // What it says beyond is of no interest; the time-out holds for it too.
        response.on('error', () => undefined).resume();
      });
      request.once('error', reject).end(body);
    });
  }
}

const agentOptions = { keepAlive: true, maxSockets: 50 };
