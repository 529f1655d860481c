import type { Connection } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import { SEARCH_ATTRIBUTE } from '../domain/names';

const KEYWORD = temporal.api.enums.v1.IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD;
/** A server may send pages of text as its reason. */
const MAX_REASON_CHARS = 200;

/**
 * Registers the search attributes that the namespace lacks. Without them a run would hang in a failing
 * workflow task, so a worker checks before it starts; where it must not register them, the error names the commands.
 */
export async function ensureSearchAttributes(
  connection: Connection,
  namespace: string,
): Promise<void> {
  const known = await connection.operatorService.listSearchAttributes({ namespace });
  const missing = Object.values(SEARCH_ATTRIBUTE).filter(
    (name) => !(name in known.customAttributes),
  );
  if (missing.length === 0) return;
  try {
    await connection.operatorService.addSearchAttributes({
      namespace,
      searchAttributes: Object.fromEntries(missing.map((name) => [name, KEYWORD])),
    });
  } catch (error) {
    const names = missing.map((name) => `--name ${name} --type Keyword`);
    throw new Error(
      `the search attributes ${missing.join(', ')} are missing in namespace ${namespace}, and could not be ` +
        `registered (${(error as Error).message.slice(0, MAX_REASON_CHARS)}); who may change the namespace runs, once:\n` +
        `temporal operator search-attribute create --namespace ${namespace} ${names.join(' ')}`,
      { cause: error },
    );
  }
}
