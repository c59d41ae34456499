// Compiling a tree's modules once for all environments: the Python that will read the bytecode writes it, into a directory beside the
// trees, isolated (-I) and without site (-S), so that nothing of the environment's runs; then it is published into the tree.

import type { Sha256 } from '../base/brand.ts'
import { DenError, isDenError } from '../base/error.ts'
import type { Context, Host } from '../host/host.ts'
import { slicer } from '../host/slices.ts'
import { type BytecodeKind, publishBytecode } from '../store/bytecode.ts'
import { openStore, type Tree } from '../store/store.ts'

export interface CompiledFor {
  readonly major: number
  readonly minor: number
}

export interface CompileRequest {
  /** The Python to compile for. */
  readonly python: string
  /** By which a first look tells what is compiled already. */
  readonly version: CompiledFor
  readonly store: string
  /** The keys of trees. */
  readonly trees: readonly Sha256[]
  /** Nobody waits for it. */
  readonly gently?: boolean
}

/** Reads lines of JSON, [source, directory, module], and says what it is; what can't be compiled is left out, as an import would find out. */
const script = `
import importlib.util, json, os, py_compile, sys
os.environ.pop('SOURCE_DATE_EPOCH', None)
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
export function canShareBytecode({ major, minor }: CompiledFor): boolean {
  return major === 3 && minor >= 4
}

/** Compiles what isn't compiled yet. How many trees were. Throws `aborted`; a tree that can't be compiled is left as it is. */
export async function compileTrees(context: Context, request: CompileRequest): Promise<number> {
  const { host, signal } = context
  const { path, disk, files } = host
  if (!canShareBytecode(request.version)) return 0
  const store = openStore(context, request.store)
  // The collector is not to wait for what nobody waits for; a tree that it takes away meanwhile is left out.
  const held = request.gently === true ? undefined : await store.hold()
  const slice = slicer({ operation: 'compiling to bytecode', signal })
  let compiled = 0
  try {
    for (const key of request.trees) {
      await slice()
      const tree = store.find(key)
      if (tree === undefined || kindOf(host, tree, request.version) !== undefined) continue
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
export function kindOf(
  { files, path }: Pick<Host, 'files' | 'path'>,
  tree: Tree,
  { major, minor }: CompiledFor,
): BytecodeKind | undefined {
  const lists = files.names(path.join(path.dirname(tree.directory), 'bytecode')) ?? []
  const found = lists.flatMap((name) => {
    const [, tag, magic] = /^(cpython-\d+)-(\d+)\.json$/.exec(name) ?? []
    return tag === `cpython-${major}${minor}` ? [{ tag, magic: Number(magic) }] : []
  })
  return found[0]
}

/** Which of the trees were not compiled yet. */
export function uncompiled(host: Host, trees: readonly Tree[], version: CompiledFor): readonly Sha256[] {
  if (!canShareBytecode(version)) return []
  return trees
    .filter((tree) => !tree.private && kindOf(host, tree, version) === undefined)
    .map(({ manifest }) => manifest.sha256)
}

async function compileTree(
  { host, signal }: Context,
  { python }: CompileRequest,
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
    args: ['-I', '-S', '-c', script],
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
