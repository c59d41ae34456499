// Parsers know nothing of the file that their text stands in: what they find wrong is told again as a fault of that file.

import { DenError } from '../base/error.ts'
import type { Span } from '../base/span.ts'

/** Runs a parser over a part of something larger; its error becomes the one that `fault` gives or throws for its reason and place. */
export function reparse<Value>(parse: () => Value, fault: (reason: string, span: Span) => DenError): Value {
  try {
    return parse()
  } catch (error) {
    if (!(error instanceof DenError) || !('span' in error.detail)) throw error
    const { reason, span } = error.detail as { readonly reason: string; readonly span: Span }
    throw fault(reason, span)
  }
}
