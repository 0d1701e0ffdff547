/** A parsed nats.conf: plain values, each with the place it was written at. */

export interface Position {
  /** As the file was named: on the command line, or by its includer. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** In bytes, as nats-server counts: from 0 on the first line, from 1 on all others. */
  readonly column: number;
}

export type ConfigValue =
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'integer'; readonly value: number }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'date'; readonly value: Date }
  | { readonly kind: 'array'; readonly items: readonly ConfigNode[] }
  | { readonly kind: 'map'; readonly entries: ConfigMap };

/** A value of a map (`key` is there, `at` is where the key begins) or an item of an array. */
export interface ConfigNode {
  readonly key?: string;
  readonly at: Position;
  readonly value: ConfigValue;
  /** Set when a `$key` refers to it: then it may be a name that no section knows. */
  isVariable?: boolean;
}

/** In the order of the file; a later duplicate has replaced the earlier one whole. */
export type ConfigMap = Map<string, ConfigNode>;

/** `file:line:column` */
export function place({ file, line, column }: Position): string {
  return `${file}:${line}:${column}`;
}

/** The kind of a value with its article, for messages. */
export function kindOf(value: ConfigValue): string {
  const article = /^[aei]/.test(value.kind) ? 'an' : 'a';
  return `${article} ${value.kind}`;
}
