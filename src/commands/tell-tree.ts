// `den tree` and `den why`: of the project's lock where there is one, of what is installed where there is none or an environment is named.

import { isDenError } from '../base/error.ts'
import type { Core } from './core.ts'
import type { EnvironmentWish } from './install-request.ts'
import { type LockTreeNode, type LockTreeRequest, type LockTreeResult, lockTree } from './lock-tree.ts'
import type { LockTold } from './lock-view.ts'
import { type LockWhyRequest, type LockWhyResult, lockWhy } from './lock-why.ts'
import type { TreeNode } from './tree.ts'

interface OfEnvironment {
  /** What is installed in this environment, whatever any lock says. */
  readonly environment?: string
}

export type TellTreeRequest = LockTreeRequest & OfEnvironment
export type TellWhyRequest = LockWhyRequest & OfEnvironment

/** `installed`: of an environment; it has no lock's file then. */
export type TellTreeResult = Omit<LockTreeResult, keyof LockTold> & (LockTold | { readonly installed: true })
export type TellWhyResult = Omit<LockWhyResult, keyof LockTold> & (LockTold | { readonly installed: true })

/** Throws as `lockTree`, and what finding an environment throws. */
export async function tellTree(core: Core, request: TellTreeRequest = {}): Promise<TellTreeResult> {
  return await ofLockOr<TellTreeResult>(
    request,
    async () => await lockTree(core, request),
    async () => {
      const { tree } = await import('./tree.ts')
      const { names, invert, depth } = request
      const { roots, missing } = await tree(core, {
        environment: wish(request),
        ...(names === undefined ? {} : { names }),
        ...(invert === undefined ? {} : { invert }),
        ...(depth === undefined ? {} : { depth }),
      })
      return { installed: true, roots: roots.map(installedNode), missing, stale: [] }
    },
  )
}

/** Throws as `lockWhy`, and what finding an environment throws. */
export async function tellWhy(core: Core, request: TellWhyRequest): Promise<TellWhyResult> {
  return await ofLockOr<TellWhyResult>(
    request,
    async () => await lockWhy(core, request),
    async () => {
      const { why } = await import('./tree.ts')
      const { packages, missing } = await why(core, { environment: wish(request), names: request.names })
      return {
        installed: true,
        packages: packages.map(({ name, version, chains }) => ({
          name,
          ...(version === undefined ? {} : { version }),
          chains: chains.map((chain) => chain.map((link) => ({ name: link }))),
          limits: [],
        })),
        missing,
        stale: [],
      }
    },
  )
}

async function ofLockOr<Result>(
  { environment, script }: OfEnvironment & Pick<LockTreeRequest, 'script'>,
  ofLock: () => Promise<Result>,
  ofEnvironment: () => Promise<Result>,
): Promise<Result> {
  if (environment !== undefined) return await ofEnvironment()
  if (script !== undefined) return await ofLock()
  try {
    return await ofLock()
  } catch (error) {
    if (!isDenError(error, 'no-project', 'lock-missing')) throw error
    try {
      return await ofEnvironment()
    } catch (other) {
      // Where there is neither, the lock is what was meant.
      throw isDenError(other, 'environment-not-found') ? error : other
    }
  }
}

function wish({ environment }: OfEnvironment): EnvironmentWish {
  return { ...(environment === undefined ? {} : { python: environment }), requireVirtual: false, isolated: false }
}

function installedNode({ name, version, required, cycle, conflict, children }: TreeNode): LockTreeNode {
  return {
    name,
    ...(version === undefined ? { absent: true as const } : { version }),
    ...(required === undefined || required === '' ? {} : { required }),
    ...(conflict === true ? { conflict: true as const } : {}),
    ...(cycle === true ? { seen: true as const } : {}),
    children: children.map(installedNode),
  }
}
