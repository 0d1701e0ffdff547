/** Requests and replies: a requester with a number of requests under way, and one who answers all. */
import type { GeneratorInput, GeneratorResult } from './generator.ts';
import { WARM_UP } from './warm-up.ts';
import type { Requests } from './scenarios.ts';
import { handled, rawClient } from './wire.ts';

const PAYLOAD = '0123456789abcdef';
/** What stands before the number of the outstanding request in its answer. */
const ANSWER = 'MSG _INBOX.bench.';

export async function requests(
  input: GeneratorInput,
  scenario: Requests,
): Promise<GeneratorResult> {
  const responder = await rawClient(input.subscribePort);
  await handled(responder, 'SUB bench.service 1\r\n');
  const requester = await rawClient(input.publishPort);
  await handled(requester, 'SUB _INBOX.bench.* 1\r\n');

  // Every message on its way has a fixed form: `MSG bench.service 1 _INBOX.bench.NN 16 …`.
  let kept = '';
  responder.onBytes = (bytes) => {
    kept = withoutPing(kept + bytes.toString('latin1'));
    let answers = '';
    for (;;) {
      const end = kept.indexOf(`${PAYLOAD}\r\n`);
      if (end < 0) break;
      const reply = kept.slice('MSG bench.service 1 '.length, kept.indexOf(' 16\r\n'));
      answers += `PUB ${reply} 16\r\n${PAYLOAD}\r\n`;
      kept = kept.slice(end + PAYLOAD.length + 2);
    }
    if (answers !== '') responder.socket.write(answers, 'latin1');
  };

  const { outstanding, requests: total } = scenario;
  const pass = async (count: number): Promise<number[]> => {
    const began = new Float64Array(outstanding);
    const times: number[] = [];
    let sent = 0;
    const ask = (slot: number): string => {
      sent++;
      began[slot] = performance.now();
      return `PUB bench.service _INBOX.bench.${String(slot).padStart(2, '0')} 16\r\n${PAYLOAD}\r\n`;
    };
    await new Promise<void>((resolve) => {
      let rest = '';
      requester.onBytes = (bytes) => {
        rest = withoutPing(rest + bytes.toString('latin1'));
        let more = '';
        for (;;) {
          const end = rest.indexOf(`${PAYLOAD}\r\n`);
          if (end < 0) break;
          const slot = Number(rest.slice(ANSWER.length, ANSWER.length + 2));
          times.push(performance.now() - (began[slot] ?? 0));
          rest = rest.slice(end + PAYLOAD.length + 2);
          if (sent < count) more += ask(slot);
        }
        if (more !== '') requester.socket.write(more, 'latin1');
        if (times.length >= count) resolve();
      };
      let first = '';
      for (let slot = 0; slot < outstanding; slot++) first += ask(slot);
      requester.socket.write(first, 'latin1');
    });
    return times;
  };
  await pass(Math.ceil(total * WARM_UP));
  const start = performance.now();
  const times = await pass(total);
  const seconds = (performance.now() - start) / 1000;
  times.sort((a, b) => a - b);
  const at = (part: number): number => times[Math.floor(times.length * part)] ?? NaN;
  return { rate: total / seconds, seconds, p50: at(0.5), p99: at(0.99) };
}

/** Servers ask for a sign of life two seconds after CONNECT; nothing else here looks like it. */
function withoutPing(text: string): string {
  return text.replace('PING\r\n', '');
}
