/** Subscriptions with `*` and `>`, by their tokens. */
import type { Subscription } from '../connection/subscription.ts';
import { Interest } from './interest.ts';
import type { MatchResult } from './match-result.ts';

class Node {
  /** By literal token. */
  next: Map<string, Node> | undefined;
  /** `*` */
  any: Node | undefined;
  /** `>` after what leads here. */
  rest: Interest | undefined;
  /** Subscriptions that end here. */
  here: Interest | undefined;

  get empty(): boolean {
    return (
      this.next === undefined &&
      this.any === undefined &&
      this.rest === undefined &&
      this.here === undefined
    );
  }
}

export class WildcardTrie {
  readonly #root = new Node();

  get empty(): boolean {
    return this.#root.empty;
  }

  /** The interest in a pattern's tokens, made when it is new. */
  interest(tokens: readonly string[]): Interest {
    let node = this.#root;
    for (const token of tokens) {
      if (token === '>') return (node.rest ??= new Interest());
      if (token === '*') {
        node = node.any ??= new Node();
      } else {
        node.next ??= new Map();
        let next = node.next.get(token);
        if (next === undefined) node.next.set(token, (next = new Node()));
        node = next;
      }
    }
    return (node.here ??= new Interest());
  }

  /** False when it was not here. Branches that hold nothing more are cut. */
  remove(tokens: readonly string[], subscription: Subscription): boolean {
    return removeFrom(this.#root, tokens, 0, subscription);
  }

  /** Adds to `result` what matches a literal subject; nothing for one with an empty token. */
  collect(subject: string, result: MatchResult): void {
    const tokens = subject.split('.');
    if (tokens.includes('')) return;
    collectFrom(this.#root, tokens, 0, result);
  }

  *interests(): Generator<Interest> {
    const nodes = [this.#root];
    for (let node = nodes.pop(); node !== undefined; node = nodes.pop()) {
      if (node.rest !== undefined) yield node.rest;
      if (node.here !== undefined) yield node.here;
      if (node.any !== undefined) nodes.push(node.any);
      if (node.next !== undefined) for (const next of node.next.values()) nodes.push(next);
    }
  }
}

function collectFrom(node: Node, tokens: readonly string[], at: number, result: MatchResult): void {
  if (at === tokens.length) {
    if (node.here !== undefined) result.add(node.here);
    return;
  }
  if (node.rest !== undefined) result.add(node.rest);
  if (node.any !== undefined) collectFrom(node.any, tokens, at + 1, result);
  const next = node.next?.get(tokens[at] as string);
  if (next !== undefined) collectFrom(next, tokens, at + 1, result);
}

function removeFrom(
  node: Node,
  tokens: readonly string[],
  at: number,
  subscription: Subscription,
): boolean {
  const token = tokens[at];
  if (token === undefined) {
    if (node.here?.remove(subscription) !== true) return false;
    if (node.here.empty) node.here = undefined;
    return true;
  }
  if (token === '>') {
    if (node.rest?.remove(subscription) !== true) return false;
    if (node.rest.empty) node.rest = undefined;
    return true;
  }
  const next = token === '*' ? node.any : node.next?.get(token);
  if (next === undefined || !removeFrom(next, tokens, at + 1, subscription)) return false;
  if (next.empty) {
    if (token === '*') node.any = undefined;
    else cut(node, token);
  }
  return true;
}

function cut(node: Node, token: string): void {
  node.next?.delete(token);
  if (node.next?.size === 0) node.next = undefined;
}
