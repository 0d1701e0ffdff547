import { messageOf } from '../base/errors.ts';
import { ClientMessage } from './contract.ts';
import { ApiError } from './errors.ts';
import { MAX_MESSAGE_BYTES } from './limits.ts';

/** A message that is no good but says which call it was meant to be. */
export class MisshapenCall extends Error {
  readonly id: number;
  readonly reason: ApiError;

  constructor(id: number, reason: ApiError) {
    super(reason.message);
    this.id = id;
    this.reason = reason;
  }
}

/** Reads one message. Throws ApiError `message-too-large` or `bad-message`, or MisshapenCall. */
export function parseClientMessage(text: string): ClientMessage {
  if (text.length > MAX_MESSAGE_BYTES || Buffer.byteLength(text) > MAX_MESSAGE_BYTES) {
    throw new ApiError('message-too-large', `A message has more than ${MAX_MESSAGE_BYTES} bytes.`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new ApiError('bad-message', `A message is not JSON: ${messageOf(error)}`);
  }
  const parsed = ClientMessage.safeParse(value);
  if (parsed.success) return parsed.data;
  const reason = new ApiError(
    'bad-message',
    'A message is neither a call, an abort nor a subscription.',
  );
  if (typeof value === 'object' && value !== null && 'id' in value && isCallId(value.id)) {
    throw new MisshapenCall(value.id, reason);
  }
  throw reason;
}

function isCallId(id: unknown): id is number {
  return Number.isSafeInteger(id) && Number(id) >= 0;
}
