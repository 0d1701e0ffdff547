import type { ConfigFiles } from './files.ts';
import { ConfigProblem } from './problems.ts';
import { Source } from './source.ts';
import type { ConfigMap, ConfigValue } from './tree.ts';

const MAX_VARIABLES_DEEP = 10;
const KEY = 'value';

/** What a file is read in: shared by it and all that it includes. */
export interface ParserContext {
  readonly files: ConfigFiles;
  readonly env: NodeJS.ProcessEnv;
  /** Identities of the files that include each other, outermost first. */
  readonly including: readonly string[];
  /** How many variables of the environment stand for each other here. */
  readonly variableDepth: number;
}

/**
 * What `$name` stands for: the entry of that name in the innermost map that has one so far, else the
 * environment, whose text is read as a value would be in the file.
 * @throws ConfigProblem when the environment's text is no value
 */
export function lookUp(
  name: string,
  scopes: readonly ConfigMap[],
  context: ParserContext,
  parse: (source: Source, context: ParserContext) => ConfigMap,
): ConfigValue | undefined {
  const node = scopes.findLast((scope) => scope.has(name))?.get(name);
  if (node !== undefined) {
    node.isVariable = true;
    return node.value;
  }
  const text = context.env[name];
  if (text === undefined) return undefined;
  const source = new Source(`$${name}`, Buffer.from(`${KEY}=${text}`));
  if (context.variableDepth >= MAX_VARIABLES_DEEP) {
    throw new ConfigProblem(source.at(), 'variables stand for each other without end');
  }
  const inner = { ...context, variableDepth: context.variableDepth + 1 };
  return parse(source, inner).get(KEY)?.value;
}
