import { MaruError } from '../errors';

/** What was asked of the HTTP API: `GET /rooms?limit=100`, and its body. */
export interface Asked {
  what: string;
  body: unknown;
}

/** A `fetch` whose server answers as told: with a body, or with an error. */
export function fetchOf(answer: (asked: Asked) => unknown): typeof fetch {
  const fetched = async (url: string, { method = 'GET', body }: RequestInit): Promise<Response> => {
    const what = `${method} ${url.replace(/^.*\/api/, '')}`;
    const answered = await answer({ what, body: typeof body === 'string' ? JSON.parse(body) : undefined });
    if (!(answered instanceof MaruError)) return Response.json(answered ?? {});
    const { code, message, retryable } = answered;
    return Response.json({ code, message, retryable }, { status: retryable ? 503 : 403 });
  };
  return fetched as typeof fetch;
}

/** Nothing answers for the moment. */
export const away = MaruError.from({ code: 'unavailable', message: 'Later.', retryable: true });

/** Something that is waited for, and what makes it happen. */
export function moment<T = void>() {
  let happen!: (value: T) => void;
  const happened = new Promise<T>((resolve) => (happen = resolve));
  return { happen, happened };
}

/** Resolves once it is so. */
export async function until(so: () => boolean): Promise<void> {
  while (!so()) await new Promise((resolve) => setTimeout(resolve, 1));
}
