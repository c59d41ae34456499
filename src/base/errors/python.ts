import type { ErrorTexts } from './text.ts'

export interface PythonErrorDetails {
  'python-placeholder': { readonly path: string }
}

export const pythonErrors: ErrorTexts<PythonErrorDetails> = {
  'python-placeholder': { what: ({ path }) => path },
}
