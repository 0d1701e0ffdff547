/** All streams that an account imports: watches its subscriptions, and keeps their shadows. */
import type { Subscription } from '../connection/subscription.ts';
import type { Account, InterestListener } from './account.ts';
import type { CompiledImport } from './imports.ts';
import { RouterOwn } from './router-own.ts';
import { ShadowSubscription, StreamImport } from './stream-import.ts';

export class StreamImports implements InterestListener {
  readonly #account: Account;
  readonly #imports = new Map<string, StreamImport>();
  /** By subscription of this account. */
  readonly #shadows = new Map<Subscription, ShadowSubscription[]>();
  #stopListening: (() => void) | undefined;

  constructor(account: Account) {
    this.#account = account;
  }

  get compiled(): CompiledImport[] {
    return [...this.#imports.values()].map(({ compiled }) => compiled);
  }

  /** Becomes these imports; those that stay the same are left as they are, with their shadows. */
  adopt(wanted: readonly { compiled: CompiledImport; exporter: Account }[]): void {
    const keys = new Set(wanted.map(({ compiled }) => compiled.key));
    const added: StreamImport[] = [];
    for (const { compiled, exporter } of wanted) {
      const known = this.#imports.get(compiled.key);
      if (known?.exporter === exporter) continue;
      if (known !== undefined) this.#remove(known);
      const one = new StreamImport(compiled, this.#account, exporter);
      this.#imports.set(compiled.key, one);
      added.push(one);
    }
    if (added.length > 0) {
      for (const subscription of [...this.#account.index.all()]) {
        this.#shadow(subscription, added);
      }
    }
    // The new ones stand before the old ones end: leaf nodes do not lose interest in between.
    for (const [key, one] of this.#imports) if (!keys.has(key)) this.#remove(one);
    if (this.#imports.size > 0) this.#stopListening ??= this.#account.listen(this);
    else this.#stop();
  }

  subscribed(subscription: Subscription): void {
    this.#shadow(subscription, this.#imports.values());
  }

  unsubscribed(subscription: Subscription): void {
    const shadows = this.#shadows.get(subscription);
    if (shadows === undefined) return;
    this.#shadows.delete(subscription);
    for (const shadow of shadows) shadow.stream.end(shadow);
  }

  #shadow(subscription: Subscription, imports: Iterable<StreamImport>): void {
    // Imports are no subscribers themselves: a stream goes one account far.
    if (subscription instanceof ShadowSubscription) return;
    if (subscription.connection instanceof RouterOwn) return;
    for (const one of imports) {
      const shadow = one.shadow(subscription);
      if (shadow === undefined) continue;
      const shadows = this.#shadows.get(subscription);
      if (shadows === undefined) this.#shadows.set(subscription, [shadow]);
      else shadows.push(shadow);
    }
  }

  #remove(one: StreamImport): void {
    for (const [subscription, shadows] of this.#shadows) {
      const rest = shadows.filter(({ stream }) => stream !== one);
      if (rest.length === shadows.length) continue;
      for (const shadow of shadows) if (shadow.stream === one) one.end(shadow);
      if (rest.length === 0) this.#shadows.delete(subscription);
      else this.#shadows.set(subscription, rest);
    }
    if (this.#imports.get(one.compiled.key) === one) this.#imports.delete(one.compiled.key);
  }

  #stop(): void {
    this.#stopListening?.();
    this.#stopListening = undefined;
  }
}
