import type { Page } from 'playwright-core';

/** What the server says to a page's socket comes by here. What is held comes late, when it is let go. */
export class SocketHold {
  private isHeld: (frame: string) => boolean = () => false;
  private held: (() => void)[] = [];

  /** The page is loaded anew, so that its socket goes this way. */
  static async on(page: Page): Promise<SocketHold> {
    const hold = new SocketHold();
    await page.routeWebSocket(/\/ws$/, (socket) => {
      socket.connectToServer().onMessage((frame) => {
        if (hold.isHeld(String(frame))) hold.held.push(() => socket.send(frame));
        else socket.send(frame);
      });
    });
    await page.reload();
    return hold;
  }

  hold(isHeld: (frame: string) => boolean): void {
    this.isHeld = isHeld;
  }

  letGo(): void {
    this.isHeld = () => false;
    for (const pass of this.held.splice(0)) pass();
  }
}
