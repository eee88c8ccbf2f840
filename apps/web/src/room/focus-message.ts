/** Something in a message is about to go: if it has the focus, the message takes it, so that keys go on from there. */
export function focusMessageOf(part: Element | null): void {
  if (part?.contains(document.activeElement) === true)
    part.closest('article')?.focus({ preventScroll: true });
}

/** The message takes the focus once a dialog about it has gone: the button that opened it may be gone as well. */
export function focusMessage(seq: number): void {
  requestAnimationFrame(() =>
    document.querySelector<HTMLElement>(`article[data-seq="${seq}"]`)?.focus({ preventScroll: true }),
  );
}
