// A brand marks a string that went through a check, so that the type says what was proved.

declare const brand: unique symbol
export type Brand<Base, Name extends string> = Base & { readonly [brand]: Name }

/** A project's name in its normalized form (PEP 503: lower case, runs of `-_.` as one `-`). */
export type ProjectName = Brand<string, 'ProjectName'>
/** Lower-case hex of a SHA-256 digest. */
export type Sha256 = Brand<string, 'Sha256'>
/** The name of an extra, normalized as names of projects are (PEP 685). */
export type ExtraName = Brand<string, 'ExtraName'>
