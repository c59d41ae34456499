// An environment before it exists: what stands at each path, as plain data. Layouts compute it, `--dry-run` prints it, stage.ts
// carries it out.

/** One thing to be made. Paths are relative to the environment's root and use `/`; parents come before what is in them. */
export type PlanEntry =
  | { readonly kind: 'directory'; readonly path: string }
  | { readonly kind: 'link'; readonly path: string; readonly target: string; readonly directory?: boolean }
  | { readonly kind: 'file'; readonly path: string; readonly text: string; readonly mode?: number }
  | { readonly kind: 'bytes'; readonly path: string; readonly bytes: Uint8Array; readonly mode?: number }
  /** A copy of a file elsewhere (absolute `from`), with its mode. `hardLink`: a second name for it where that can be. */
  | { readonly kind: 'copy'; readonly path: string; readonly from: string; readonly hardLink?: boolean }

export interface EnvironmentPlan {
  /** The root, absolute: where the environment will be, not where it is staged. */
  readonly root: string
  readonly entries: readonly PlanEntry[]
  readonly paths: EnvironmentPaths
}

/** Where things are inside an environment; absolute, in the final place. */
export interface EnvironmentPaths {
  readonly root: string
  /** bin or Scripts. */
  readonly scripts: string
  /** The executable to call: bin/python, Scripts\python.exe. */
  readonly python: string
  readonly purelib: string
  readonly platlib: string
  /** The parent of each distribution's headers. */
  readonly include: string
  /** Data files go under this (the root). */
  readonly data: string
}
