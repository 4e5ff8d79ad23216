import type { ServerResponse } from 'node:http';

/**
 * Acts once when an answer was sent or its client is gone: at once where it is gone already. An answer that waits for an earlier
 * one of the same connection never says that it is closed where the connection ends first; the connection does.
 */
export const whenOver = (response: ServerResponse, act: () => void): void => {
  const { socket } = response.req;
  let isOver = false;
  const over = (): void => {
    // One may tell the other, which takes it off too late.
    if (isOver) return;
    isOver = true;
    response.off('close', over);
    socket.off('close', over);
    act();
  };
  if (response.destroyed || socket.destroyed) {
    over();
    return;
  }
  // As many as a client sends before it reads.
  socket.setMaxListeners(0);
  response.once('close', over);
  socket.once('close', over);
};
