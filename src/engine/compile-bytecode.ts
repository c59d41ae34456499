// Compiling a tree's modules once for all environments: the Python that will read the bytecode writes it, into a directory beside the
// trees, isolated (-I) and without site (-S), so that nothing of the environment's runs; then it is published into the tree.

import { DenError, isDenError } from '../base/error.ts'
import type { Context } from '../host/host.ts'
import { slicer } from '../host/slices.ts'
import { type BytecodeKind, findBytecode, publishBytecode } from '../store/bytecode.ts'
import { openStore, type Tree } from '../store/store.ts'

export interface CompileRequest {
  /** The Python to compile for. */
  readonly python: string
  /** Its version, by which a first look tells what is compiled already. */
  readonly version: { readonly major: number; readonly minor: number }
  readonly store: string
  /** The keys of trees. */
  readonly trees: readonly string[]
  /** Nobody waits for it: whatever else runs goes first. */
  readonly gently?: boolean
}

/** Reads lines of JSON, [source, directory, module], and says what it is; what can't be compiled is left out, as an import would find out. */
const script = `
import importlib.util, json, os, py_compile, sys
os.environ.pop('SOURCE_DATE_EPOCH', None)
if sys.argv[1:] == ['gently'] and hasattr(os, 'nice'):
    os.nice(10)
for line in sys.stdin:
    source, directory, name = json.loads(line)
    target = os.path.join(directory, name + '.' + sys.implementation.cache_tag + '.pyc')
    try:
        os.makedirs(directory, exist_ok=True)
        py_compile.compile(source, cfile=target, doraise=True)
    except Exception:
        pass
print(json.dumps([sys.implementation.cache_tag, int.from_bytes(importlib.util.MAGIC_NUMBER[:2], 'little')]))
`

/** Whether Python keeps bytecode beside the modules, where no other Python's would be in its way. */
export function canShareBytecode({ major, minor }: CompileRequest['version']): boolean {
  return major === 3 && minor >= 4
}

/** Compiles what isn't compiled yet. How many trees were. Throws `aborted`; a tree that can't be compiled is left as it is. */
export async function compileTrees(context: Context, request: CompileRequest): Promise<number> {
  const { host, signal } = context
  const { path, disk, files } = host
  if (!canShareBytecode(request.version)) return 0
  const store = openStore(context, request.store)
  const held = await store.hold()
  const slice = slicer({ operation: 'compiling to bytecode', signal })
  let compiled = 0
  try {
    for (const key of request.trees) {
      await slice()
      const tree = store.find(key as Tree['manifest']['sha256'])
      if (tree === undefined || kindOf(context, tree, request.version) !== undefined) continue
      // What a kill leaves under this name is taken away within a day.
      const random = Math.floor(Math.random() * 2 ** 50).toString(36)
      const work = path.join(request.store, 'v1', 'work', `spool-${random}`)
      try {
        disk.makeDirectories(work)
        const kind = await compileTree(context, request, tree, work)
        // Others make and mend trees meanwhile: bytecode of what is gone is of no use.
        if (kind === undefined || files.lstat(tree.directory) === undefined) continue
        await publishBytecode(context, request.store, tree, kind, work)
        compiled += 1
      } catch (error) {
        if (!isDenError(error) || error.code === 'aborted') throw error
      } finally {
        disk.removeTree(work)
      }
    }
  } finally {
    held?.release()
  }
  return compiled
}

/** By the lists' names alone: another magic number of the same version is a pre-release's, which compiles for itself. */
function kindOf({ host }: Context, tree: Tree, { major, minor }: CompileRequest['version']): BytecodeKind | undefined {
  const lists = host.files.names(host.path.join(host.path.dirname(tree.directory), 'bytecode')) ?? []
  const found = lists.flatMap((name) => {
    const [, tag, magic] = /^(cpython-\d+)-(\d+)\.json$/.exec(name) ?? []
    return tag === `cpython-${major}${minor}` ? [{ tag, magic: Number(magic) }] : []
  })
  return found[0]
}

/** Which of the trees were not compiled yet. */
export function uncompiled(
  context: Context,
  trees: readonly Tree[],
  version: CompileRequest['version'],
): readonly string[] {
  if (!canShareBytecode(version)) return []
  return trees
    .filter((tree) => !tree.private && kindOf(context, tree, version) === undefined)
    .map(({ manifest }) => manifest.sha256)
}

async function compileTree(
  { host, signal }: Context,
  { python, gently = false }: CompileRequest,
  tree: Tree,
  work: string,
): Promise<BytecodeKind | undefined> {
  const { path } = host
  const lines: string[] = []
  for (const part of tree.manifest.parts) {
    if (part.scheme !== 'purelib' && part.scheme !== 'platlib') continue
    for (const directory of part.directories) {
      const place = [part.from, directory.path].filter((piece) => piece !== '').join('/')
      // Laid out as the tree, as publishing wants it; the tag is the compiling Python's own to know.
      for (const [name] of directory.files) {
        if (!name.endsWith('.py')) continue
        const source = path.join(tree.directory, place, name)
        lines.push(JSON.stringify([source, path.join(work, place, '__pycache__'), name.slice(0, -3)]))
      }
    }
  }
  const { code, stdout } = await host.spawn({
    command: python,
    args: ['-I', '-S', '-c', script, ...(gently ? ['gently'] : [])],
    cwd: work,
    env: { ...host.env, PYTHONOPTIMIZE: undefined, PYTHONPYCACHEPREFIX: undefined },
    input: lines.map((line) => `${line}\n`).join(''),
    timeout: 600_000,
    signal,
  })
  if (signal?.aborted === true) throw new DenError('aborted', { operation: 'compiling to bytecode' })
  if (code !== 0) return undefined
  const [tag, magic] = JSON.parse(new TextDecoder().decode(stdout)) as [string, number]
  return { tag, magic }
}

/**
 * Gives an environment of file links the bytecode of its trees, where Python looks for it: second names, so that they stay as good as the
 * modules they belong to. What stands there already stays.
 */
export function linkBytecode(context: Context, tree: Tree, site: string, version: CompileRequest['version']): number {
  const { disk, files, path } = context.host
  const kind = kindOf(context, tree, version)
  let linked = 0
  if (kind === undefined) return linked
  for (const [file] of findBytecode(context.host, tree, kind) ?? []) {
    const target = path.join(site, ...file.split('/'))
    if (files.stat(path.dirname(path.dirname(target)))?.kind !== 'directory' || files.lstat(target) !== undefined)
      continue
    try {
      disk.makeDirectories(path.dirname(target))
      disk.hardLink(path.join(tree.directory, ...file.split('/')), target)
      linked += 1
    } catch (error) {
      if (!isDenError(error)) throw error
    }
  }
  return linked
}
