// Builds everything into dist/: den (the native executable), npm/ (the package denpy: bundled JavaScript and types).
// `--fast` leaves out the types, which nothing that runs needs.

import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { generateAssets } from './assets.ts'
import { prepareRuntime } from './runtime.ts'
import { bunExecutable, root, tool } from './toolchain.ts'

const dist = path.join(root, 'dist')
const manifest = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string }

function run(command: string, args: readonly string[]): void {
  const done = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8' })
  if (done.error !== undefined) throw done.error
  if (done.status !== 0) {
    process.stderr.write(done.stdout + done.stderr)
    throw new Error(`${path.basename(command)} ${args[0]} failed with ${done.status}`)
  }
}

/** The executable, made beside and renamed, so that a den that is running or starting meets a whole file. */
function buildExecutable(bun: string): void {
  const runtime = prepareRuntime(bun, path.join(dist, 'runtime'))
  const temporary = path.join(dist, `den.${process.pid}.tmp`)
  compile(bun, temporary, [
    `--define=DEN_RECEIVED_AT=${runtime.receivedAt}`,
    ...(runtime.executable === undefined ? [] : [`--compile-executable-path=${runtime.executable}`]),
  ])
  const made = process.platform === 'win32' ? `${temporary}.exe` : temporary
  // Written anew in one go, Linux keeps it in large pieces in memory; as Bun leaves it, every start takes a seventh longer (measured).
  fs.writeFileSync(`${made}.whole`, fs.readFileSync(made), { mode: 0o755 })
  fs.rmSync(made)
  fs.renameSync(`${made}.whole`, path.join(dist, process.platform === 'win32' ? 'den.exe' : 'den'))
}

/** These run on threads of their own, and so are files of their own. */
const workers = [
  'src/indexes/page-worker.ts',
  'src/store/unpack-worker.ts',
  'src/install/install-worker.ts',
  'src/install/instant-set-worker.ts',
] as const

function compile(bun: string, outfile: string, more: readonly string[]): void {
  run(bun, [
    'build',
    '--compile',
    '--minify',
    '--bytecode',
    '--format=esm',
    // Each command's code is a file of its own in the executable, with its own bytecode: what isn't run is never read.
    '--splitting',
    '--no-compile-autoload-dotenv',
    '--no-compile-autoload-bunfig',
    `--define=DEN_VERSION=${JSON.stringify(manifest.version)}`,
    // Compiling to machine code does not pay in a few milliseconds; a loop that runs long is still compiled (docs/internals/runtimes.md).
    '--compile-jit-policy=40',
    ...more,
    'src/cli/main.ts',
    ...workers,
    `--outfile=${outfile}`,
  ])
}

/** The npm package: the same code, split so that each command loads what it needs. */
function buildPackage(bun: string, withTypes: boolean): void {
  const staging = path.join(dist, `npm.${process.pid}.tmp`)
  fs.rmSync(staging, { recursive: true, force: true })
  run(bun, [
    'build',
    '--target=node',
    '--format=esm',
    '--splitting',
    '--minify-syntax',
    `--define=DEN_VERSION=${JSON.stringify(manifest.version)}`,
    '--define=DEN_RECEIVED_AT=0',
    '--root=src',
    'src/index.ts',
    'src/cli/main.ts',
    ...workers,
    ...subpaths.map((name) => `src/${name}/index.ts`).filter((file) => fs.existsSync(path.join(root, file))),
    `--outdir=${staging}`,
  ])
  fs.mkdirSync(path.join(staging, 'bin'))
  fs.writeFileSync(path.join(staging, 'bin', 'den.js'), binSource, { mode: 0o755 })
  if (withTypes) {
    run(tool('tsc'), ['-p', 'tsconfig.build.json', '--outDir', staging])
  }
  fs.writeFileSync(path.join(staging, 'package.json'), `${JSON.stringify(packageManifest(), undefined, 2)}\n`)
  for (const name of ['LICENSE', 'README.md']) {
    if (fs.existsSync(path.join(root, name))) fs.copyFileSync(path.join(root, name), path.join(staging, name))
  }
  const target = path.join(dist, 'npm')
  const old = path.join(dist, `npm.${process.pid}.old`)
  if (fs.existsSync(target)) fs.renameSync(target, old)
  fs.renameSync(staging, target)
  fs.rmSync(old, { recursive: true, force: true })
}

const subpaths = ['spec', 'resolve', 'python', 'env'] as const

// The compile cache halves the start; experimental warnings of features den relies on (node:sqlite on 22) are silenced here alone.
const binSource = `#!/usr/bin/env node
import module from 'node:module'
module.enableCompileCache?.()
const emit = process.emitWarning
process.emitWarning = (warning, ...rest) => {
  const type = typeof rest[0] === 'string' ? rest[0] : rest[0]?.type
  if (type !== 'ExperimentalWarning') emit.call(process, warning, ...rest)
}
await import('../cli/main.js')
`

function packageManifest(): object {
  const entry = (name: string): object => ({ types: `./${name}.d.ts`, default: `./${name}.js` })
  const present = subpaths.filter((name) => fs.existsSync(path.join(root, 'src', name, 'index.ts')))
  return {
    name: 'denpy',
    version: manifest.version,
    description: 'Python environments in milliseconds, explained: the library and the command den',
    license: 'MIT',
    type: 'module',
    engines: { node: '>=22.15' },
    bin: { den: './bin/den.js' },
    exports: {
      '.': entry('index'),
      ...Object.fromEntries(present.map((name) => [`./${name}`, entry(`${name}/index`)])),
      './package.json': './package.json',
    },
  }
}

/** Builds what `dist/` holds. Without Bun for this platform only the npm package cannot be bundled either, so it is an error. */
export function build(options: { readonly types: boolean }): void {
  const bun = bunExecutable()
  if (bun === undefined) {
    throw new Error(
      'Bun is not in node_modules (npm has no build of it for this platform, or optional packages were left out)',
    )
  }
  fs.mkdirSync(dist, { recursive: true })
  generateAssets()
  buildExecutable(bun)
  buildPackage(bun, options.types)
  fs.writeFileSync(path.join(dist, 'built'), `${manifest.version}\n`)
}

if (import.meta.main) {
  const started = performance.now()
  build({ types: !process.argv.includes('--fast') })
  console.error(`built dist/den and dist/npm in ${((performance.now() - started) / 1000).toFixed(1)} s`)
}
