import { useEffect, useState } from 'preact/hooks';
import { wordsOf } from '../words';

const shownMs = 6000;
let show: (words: string) => void = () => undefined;

/** What was asked by a click and may be refused: then the page says why. */
export function attempt(asked: Promise<unknown>): void {
  asked.catch((error: unknown) => show(wordsOf(error)));
}

/** The last refusal, for a moment. */
export function Toasts() {
  const [words, setWords] = useState<string>();
  useEffect(() => {
    show = setWords;
    return () => void (show = () => undefined);
  }, []);
  useEffect(() => {
    if (words === undefined) return;
    const timer = setTimeout(() => setWords(undefined), shownMs);
    return () => clearTimeout(timer);
  }, [words]);
  return (
    <div class="toasts" role="alert">
      {words !== undefined && <p class="toast">{words}</p>}
    </div>
  );
}
