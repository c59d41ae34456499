// How a part of the catalogue is written: one interface of details, one table of words. The parts are joined in catalogue.ts.

/** The words of one error code; each function reads the throw site's data and nothing else. */
export interface ErrorText<Detail> {
  readonly what: (detail: Detail) => string
  readonly why?: (detail: Detail) => string | undefined
  readonly fix?: (detail: Detail) => readonly string[]
  /** 1 unless the command line was wrong (2) or the user stopped it (130). */
  readonly exit?: 1 | 2 | 130
}

export type ErrorTexts<Details> = { readonly [Code in keyof Details]: ErrorText<Details[Code]> }
