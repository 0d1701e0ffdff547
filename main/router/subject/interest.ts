import type { Subscription } from '../connection/subscription.ts';

/** The subscriptions to one subject, in lists that are changed in constant time. */
export class Interest {
  readonly plain: Subscription[] = [];
  queues: Map<string, Subscription[]> | undefined;

  get empty(): boolean {
    return this.plain.length === 0 && this.queues === undefined;
  }

  add(subscription: Subscription): void {
    const list =
      subscription.queue === undefined ? this.plain : this.#queueList(subscription.queue);
    subscription.slot = list.length;
    list.push(subscription);
  }

  /** False when it is not here. */
  remove(subscription: Subscription): boolean {
    const { queue } = subscription;
    const list = queue === undefined ? this.plain : this.queues?.get(queue);
    if (list?.[subscription.slot] !== subscription) return false;
    const last = list.pop() as Subscription;
    if (last !== subscription) {
      list[subscription.slot] = last;
      last.slot = subscription.slot;
    }
    subscription.slot = -1;
    if (queue !== undefined && list.length === 0) {
      this.queues?.delete(queue);
      if (this.queues?.size === 0) this.queues = undefined;
    }
    return true;
  }

  #queueList(queue: string): Subscription[] {
    this.queues ??= new Map();
    let list = this.queues.get(queue);
    if (list === undefined) this.queues.set(queue, (list = []));
    return list;
  }
}
