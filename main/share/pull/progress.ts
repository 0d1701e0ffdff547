import { Rate } from '../rate.ts';

/** The counters of one download while it runs. */
export class Progress {
  filesDone: number;
  /** Bytes of whole files, and of verified chunks of the others. */
  bytesDone: number;
  chunksReceived: number;
  chunksRefetched: number;
  readonly rate: Rate;

  constructor(
    from: {
      readonly filesDone: number;
      readonly bytesDone: number;
      readonly chunksReceived: number;
      readonly chunksRefetched: number;
    },
    now: number,
  ) {
    this.filesDone = from.filesDone;
    this.bytesDone = from.bytesDone;
    this.chunksReceived = from.chunksReceived;
    this.chunksRefetched = from.chunksRefetched;
    this.rate = new Rate(now);
  }

  received(bytes: number): void {
    this.chunksReceived += 1;
    this.bytesDone += bytes;
    this.rate.add(bytes);
  }
}
