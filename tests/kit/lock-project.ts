// A project with a lock, and an index that has what the lock names and newer releases: for tests of what den tells of locks.

import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { defaultHost } from '../../src/host/default-host.ts'
import { lockFilename } from '../../src/project/lock-read.ts'
import { lockOf, lockText } from '../../src/project/lock-write.ts'
import { readManifest } from '../../src/project/read-manifest.ts'
import { type DenRun, den } from './den.ts'
import { type ServedFile, type ServedIndex, servedWheel, serveIndex } from './index-server.ts'
import { indexFile, type WrittenPackage, writtenAnswer } from './lock-answer.ts'
import { type Cleanup, scratch, type Tree } from './scratch.ts'

export interface LockedProject {
  readonly root: string
  readonly index: ServedIndex
  /** Writes the lock anew, from what pyproject.toml says by now. */
  lock(written?: readonly WrittenPackage[]): void
  den(...args: readonly string[]): Promise<DenRun>
}

export interface LockedProjectOptions {
  readonly pyproject: string
  readonly packages: readonly WrittenPackage[]
  /** Beside those that the lock names. */
  readonly served?: readonly ServedFile[]
  readonly tree?: Tree
  /** As a user's own setting, in the public index's place. */
  readonly isMirror?: boolean
}

export async function lockedProject(t: Cleanup, options: LockedProjectOptions): Promise<LockedProject> {
  const { pyproject, packages, served = [], tree = {}, isMirror = false } = options
  const root = scratch(t, { 'pyproject.toml': pyproject, ...tree })
  const fileOf = (one: WrittenPackage): ServedFile =>
    servedWheel(
      { name: one.name, version: one.version, requires: one.requires ?? [] },
      one.requiresPython === undefined ? {} : { requiresPython: one.requiresPython },
    )
  const index = await serveIndex(t, [...packages.filter(({ link }) => link === undefined).map(fileOf), ...served])
  const lock = (written = packages): void => {
    const manifest = readManifest(defaultHost(), path.join(root, 'pyproject.toml'))
    const found = written.map((one): WrittenPackage => {
      if (one.link !== undefined || one.files !== undefined) return one
      const { filename, bytes } = fileOf(one)
      const wheel = indexFile(filename, {
        url: `${index.origin}/files/${encodeURIComponent(filename)}`,
        hashes: { sha256: createHash('sha256').update(bytes).digest('hex') },
        size: bytes.length,
        foundAt: index.url,
      })
      return { ...one, files: [wheel] }
    })
    const result = writtenAnswer(manifest, found)
    const text = lockText(lockOf({ manifest, result, path, ...(isMirror ? { mirror: index.url } : {}) }))
    fs.writeFileSync(path.join(root, lockFilename), text)
  }
  lock()
  const env = { PIP_INDEX_URL: index.url, PIP_CONFIG_FILE: '/dev/null' }
  return { root, index, lock, den: (...args) => den(args, { cwd: root, env }) }
}
