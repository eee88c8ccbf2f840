/** Resolves once `condition` holds; rejects with `what` after 10 s. */
export async function until(what: () => string, condition: () => boolean, withinMs = 10_000): Promise<void> {
  for (const end = Date.now() + withinMs; !condition();) {
    if (Date.now() > end) throw new Error(what());
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
