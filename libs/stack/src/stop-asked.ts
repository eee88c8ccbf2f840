import { onStarterGone } from './ancestors';

/** Resolves at the first Ctrl-C, SIGTERM, or end of the terminal or of npm. A second Ctrl-C waits for nothing. */
export function stopAsked(): Promise<'stop'> {
  return new Promise((resolve) => {
    let first = 0;
    const asked = (signal: NodeJS.Signals) => {
      // npm and the runner may each pass on one Ctrl-C.
      if (first > 0 && signal === 'SIGINT' && Date.now() - first > 1_000) process.exit(130);
      first ||= Date.now();
      resolve('stop');
    };
    process.on('SIGINT', asked).on('SIGTERM', asked).on('SIGHUP', asked);
    onStarterGone(() => resolve('stop'));
  });
}
