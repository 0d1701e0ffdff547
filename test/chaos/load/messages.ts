/** What the processes of a load tell each other. */

export const SUBJECT = 'load.service';

/** To a child, as its argument: JSON. */
export interface Plan {
  /** The router that is disturbed, and the one to go to. */
  readonly from: string;
  readonly to: string;
  readonly requests: number;
  /** Requests under way at most. */
  readonly window: number;
}

export type FromChild =
  | { readonly type: 'ready' }
  | { readonly type: 'progress'; readonly answered: number }
  | { readonly type: 'requester'; readonly result: RequesterResult }
  | { readonly type: 'responder'; readonly seen: string };

export interface RequesterResult {
  readonly answered: number;
  /** Answered 503: nobody was there, asked again. */
  readonly refused: number;
  /** No answer when the connection ended, though the server had read them. */
  readonly acceptedUnanswered: readonly number[];
  /** No answer when the connection ended, and no sign that the server had read them; asked again. */
  readonly openEnded: readonly number[];
  readonly disconnects: number;
  /** Whether the router said that it goes away. */
  readonly warned: boolean;
}

export function tell(message: FromChild): void {
  process.send?.(message);
}

export function planOf(argument: string | undefined): Plan {
  return JSON.parse(argument ?? '') as Plan;
}
