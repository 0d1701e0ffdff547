/**
 * The one way in for a page: each handler of the shell stands behind the same check of who asks and what. A message
 * that fails it is answered with an error, never with silence.
 */
import { ipcMain, type IpcMainInvokeEvent, type WebContents } from 'electron';
import type { z } from 'zod';
import { originOf } from './app-protocol.ts';
import { DesktopError } from './errors.ts';

/** Who may ask: pages of this origin, in windows for which `owns` is true. */
export interface Senders {
  readonly origin: string;
  owns(contents: WebContents): boolean;
}

/**
 * Answers `channel` for the app's own page.
 *
 * @param schema of the one parameter
 * @returns the end of it
 * @throws DesktopError (to the page) `ipc-refused`, `ipc-invalid`
 */
export function handleIpc<Schema extends z.ZodType>(
  channel: string,
  schema: Schema,
  senders: Senders,
  handler: (params: z.output<Schema>, contents: WebContents) => unknown,
): () => void {
  ipcMain.handle(channel, (event, ...params: unknown[]) => {
    checkSender(event, channel, senders);
    const parsed = schema.safeParse(params[0]);
    if (params.length > 1 || !parsed.success) {
      throw new DesktopError('ipc-invalid', `The message ${channel} is not of its form.`);
    }
    return handler(parsed.data, event.sender);
  });
  return () => ipcMain.removeHandler(channel);
}

function checkSender(event: IpcMainInvokeEvent, channel: string, senders: Senders): void {
  // Null when the frame has gone or moved on since it asked.
  const frame = event.senderFrame;
  const isOwnPage =
    frame !== null &&
    frame.parent === null &&
    originOf(frame.url) === senders.origin &&
    senders.owns(event.sender);
  if (isOwnPage) return;
  const where = frame === null ? 'a page that has gone' : originOf(frame.url);
  throw new DesktopError('ipc-refused', `The message ${channel} from ${where} was refused.`);
}
