// pip’s face and the commands that put packages in and take them out.

import type { ErrorTexts } from './text.ts'

export interface PackagesErrorDetails {}

export const packagesErrors: ErrorTexts<PackagesErrorDetails> = {}
