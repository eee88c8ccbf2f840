/** Something in a message is about to go: if it has the focus, the message takes it, so that keys go on from there. */
export function focusMessageOf(part: Element | null): void {
  if (part?.contains(document.activeElement) === true)
    part.closest('article')?.focus({ preventScroll: true });
}
