export interface Finding {
  /** What was looked at: `udp 192.0.2.1:4711`, `UDP port`. */
  readonly subject: string;
  readonly state: 'ok' | 'note' | 'wrong';
  readonly says: string;
  /** What a person can do about it. */
  readonly advice: string | null;
}

export function ok(subject: string, says: string): Finding {
  return { subject, state: 'ok', says, advice: null };
}

/** Neither good nor bad by itself. */
export function note(subject: string, says: string, advice: string | null = null): Finding {
  return { subject, state: 'note', says, advice };
}

export function wrong(subject: string, says: string, advice: string): Finding {
  return { subject, state: 'wrong', says, advice };
}
