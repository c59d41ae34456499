// How much of each kind the cache holds. What was used longest ago goes first: answers by themselves, as they come; the rest with
// `den cache prune`, since another den may be at work with it.

export type BudgetedKind =
  | 'answers'
  | 'pages'
  | 'metadata'
  | 'downloads'
  | 'checkouts'
  | 'built wheels'
  | 'remembered answers'
  | 'environments'

const gigabyte = 1e9

/** Bytes. What is being worked with has no budget, nor has the one small file of interpreters. */
export const cacheBudgets: Readonly<Record<BudgetedKind, number>> = {
  /** Of servers, metadata among them. */
  answers: gigabyte,
  pages: gigabyte / 2,
  metadata: gigabyte / 2,
  /** Source distributions, and what was downloaded as a file. */
  downloads: 4 * gigabyte,
  /** Repositories with their history. */
  checkouts: 4 * gigabyte,
  'built wheels': 4 * gigabyte,
  /** den's own: what requirements resolved to, that there was nothing to do, what a list was. Small files, one a question. */
  'remembered answers': gigabyte / 10,
  /** Of scripts and of --with, which are links for the most part. */
  environments: gigabyte,
}

/** Trimming goes that far below, so that the next file doesn't ask for the next trimming. */
export const trimmedTo = 0.9
