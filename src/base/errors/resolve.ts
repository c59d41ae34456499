// Resolving: requirements that nothing meets, and answers that contradict each other.

import type { ErrorTexts } from './text.ts'

export interface ResolveErrorDetails {}

export const resolveErrors: ErrorTexts<ResolveErrorDetails> = {}
