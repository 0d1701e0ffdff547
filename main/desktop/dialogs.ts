/** What the shell has to tell when something has gone wrong. */
import { dialog, type BrowserWindow, type MessageBoxOptions } from 'electron';
import { SkerryError, messageOf } from '../base/errors.ts';

export interface Failure {
  /** What does not work, a few words. */
  readonly title: string;
  readonly error: unknown;
  /** What the first button does; the second quits. */
  readonly again: string;
}

/**
 * Tells of a failure with the error's sentence and hint.
 *
 * @param parent the window it belongs to, when one can be seen
 * @returns whether to try again; false is to quit
 */
export async function askAgain(failure: Failure, parent?: BrowserWindow): Promise<boolean> {
  const { title, error, again } = failure;
  const hint = error instanceof SkerryError ? error.hint : '';
  const options: MessageBoxOptions = {
    type: 'error',
    title: 'Skerry',
    message: title,
    detail: [messageOf(error), hint].filter((line) => line !== '').join('\n\n'),
    buttons: [again, 'Quit'],
    defaultId: 0,
    cancelId: 1,
    noLink: true,
  };
  const { response } = await (parent === undefined
    ? dialog.showMessageBox(options)
    : dialog.showMessageBox(parent, options));
  return response === 0;
}

/** Tells of something that was asked for and failed, and goes on. */
export function tell(title: string, error: unknown): void {
  const hint = error instanceof SkerryError && error.hint !== '' ? `\n\n${error.hint}` : '';
  dialog.showErrorBox(title, `${messageOf(error)}${hint}`);
}
