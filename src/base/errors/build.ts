// Building from source: backends that fail, and sources that cannot be built.

import type { ErrorTexts } from './text.ts'

export interface BuildErrorDetails {}

export const buildErrors: ErrorTexts<BuildErrorDetails> = {}
