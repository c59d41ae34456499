// What indexes, links and version control say of projects and files.

import type { ErrorTexts } from './text.ts'

export interface IndexesErrorDetails {}

export const indexesErrors: ErrorTexts<IndexesErrorDetails> = {}
