import type { ErrorTexts } from './text.ts'

export interface NetErrorDetails {
  'net-placeholder': { readonly path: string }
}

export const netErrors: ErrorTexts<NetErrorDetails> = {
  'net-placeholder': { what: ({ path }) => path },
}
