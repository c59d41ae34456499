// Before any command: what a killed den left half-done somewhere is finished. Looking costs one listing of a directory that is nearly
// always empty or missing; nothing more is loaded unless there is something.

import { isDenError } from '../base/error.ts'
import type { Core } from './core.ts'

export async function settleOpenChanges(core: Core): Promise<void> {
  if (!hasOpenChanges(core)) return
  const { recoverTransactions } = await import('../journal/transaction.ts')
  const { tidyEnvironment } = await import('../env/generation-tidy.ts')
  recoverTransactions(core, core.places.journal, (root) => tidyEnvironment(core, root))
}

/** Transactions leave a file that ends so for as long as they are open (journal/transaction.ts). */
function hasOpenChanges({ host, places }: Core): boolean {
  try {
    return host.files.names(places.journal)?.some((name) => name.endsWith('.open')) === true
  } catch (error) {
    if (isDenError(error)) return false
    throw error
  }
}
