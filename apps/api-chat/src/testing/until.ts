/** Resolves once the condition holds; rejects with it, or with `what` instead, after 30 s. */
export async function until(
  holds: () => boolean | Promise<boolean>,
  what: () => string = () => holds.toString(),
): Promise<void> {
  for (const deadline = Date.now() + 30_000; !(await holds());) {
    if (Date.now() > deadline) throw new Error(`not within 30 s: ${what()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
