// A tree of which somebody has kept the little that most commands want to know: its manifest is read when anything else is asked of it, and
// where the same is put in as before, nothing is.

import type { ProjectName, Sha256 } from '../base/brand.ts'
import { DenError } from '../base/error.ts'
import type { ScriptEntry, StartupFile, TreeFile, TreeManifest, TreePart, WholeLinks } from './manifest.ts'
import type { Store, Tree } from './store.ts'

/** What is kept: of one wheel's bytes it is always the same. */
export interface TreeFacts {
  readonly sha256: Sha256
  readonly filename: string
  readonly project: ProjectName
  readonly version: string
  readonly distInfo: string
  readonly topLevel: readonly string[]
  readonly startup: readonly StartupFile[]
}

export function treeFactsOf(manifest: TreeManifest): TreeFacts {
  const { sha256, filename, project, version, distInfo, topLevel, startup } = manifest
  return { sha256, filename, project, version, distInfo, topLevel, startup }
}

/** The tree, unseen. Asking it for what isn't kept throws `store-damaged` where the store doesn't have it any more. */
export function lateTree(store: Pick<Store, 'find' | 'placeOf'>, facts: TreeFacts): Tree {
  return { directory: store.placeOf(facts.sha256), manifest: new LateManifest(store, facts), private: false }
}

class LateManifest implements TreeManifest {
  readonly schema = 2
  readonly sha256: Sha256
  readonly filename: string
  readonly project: ProjectName
  readonly version: string
  readonly distInfo: string
  readonly topLevel: readonly string[]
  readonly startup: readonly StartupFile[]
  // No private names: what is made of a manifest with some fields of its own has it as its prototype.
  readonly late: { manifest: TreeManifest | undefined; readonly store: Pick<Store, 'find' | 'placeOf'> }

  constructor(store: Pick<Store, 'find' | 'placeOf'>, facts: TreeFacts) {
    this.sha256 = facts.sha256
    this.filename = facts.filename
    this.project = facts.project
    this.version = facts.version
    this.distInfo = facts.distInfo
    this.topLevel = facts.topLevel
    this.startup = facts.startup
    this.late = { manifest: undefined, store }
  }

  private get rest(): TreeManifest {
    const { late, project, version, sha256 } = this
    late.manifest ??= late.store.find(sha256)?.manifest
    if (late.manifest !== undefined) return late.manifest
    const path = late.store.placeOf(sha256)
    throw new DenError('store-damaged', { distribution: `${project} ${version}`, path, reason: 'it is gone' })
  }

  get modified(): number {
    return this.rest.modified
  }
  get fileCount(): number {
    return this.rest.fileCount
  }
  get size(): number {
    return this.rest.size
  }
  get consoleScripts(): readonly ScriptEntry[] {
    return this.rest.consoleScripts
  }
  get guiScripts(): readonly ScriptEntry[] {
    return this.rest.guiScripts
  }
  get entryPoints(): TreeManifest['entryPoints'] {
    return this.rest.entryPoints
  }
  get pytestPackages(): readonly string[] {
    return this.rest.pytestPackages
  }
  get whole(): readonly WholeLinks[] {
    return this.rest.whole
  }
  get distInfoFiles(): readonly TreeFile[] {
    return this.rest.distInfoFiles
  }
  get outside(): readonly TreePart[] {
    return this.rest.outside
  }
  get requiresDist(): readonly string[] {
    return this.rest.requiresDist
  }
  get requiresPython(): string {
    return this.rest.requiresPython as string
  }
  get providesExtra(): readonly string[] {
    return this.rest.providesExtra
  }
  get tags(): readonly string[] {
    return this.rest.tags
  }
  get generator(): string {
    return this.rest.generator as string
  }
  get parts(): readonly TreePart[] {
    return this.rest.parts
  }
}
