// Writes the generated modules that hold the texts of assets/ (scripts that land in environments, shell hooks), so that one bundle holds
// all of den.

import crypto from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'

const root = path.resolve(import.meta.dirname, '..')

function literal(text: string): string {
  return JSON.stringify(text).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')
}

function wheelNames(): readonly string[] {
  return fs
    .readdirSync(path.join(root, 'examples', 'wheels'))
    .filter((name) => name.endsWith('.whl'))
    .sort()
}

function writeIfChanged(file: string, text: string): void {
  if (fs.existsSync(file) && fs.readFileSync(file, 'utf8') === text) return
  fs.writeFileSync(file, text)
}

/** Writes a module whose export `name` holds the texts of those folders of assets/. */
function writeTexts(file: string, name: string, folders: readonly string[]): void {
  const texts: string[] = []
  for (const folder of folders) {
    const directory = path.join(root, 'assets', folder)
    if (!fs.existsSync(directory)) continue
    for (const asset of fs.readdirSync(directory).sort()) {
      if (asset.endsWith('.md')) continue
      texts.push(
        `  ${literal(`${folder}/${asset}`)}: ${literal(fs.readFileSync(path.join(directory, asset), 'utf8'))},`,
      )
    }
  }
  writeIfChanged(
    path.join(root, file),
    [
      '// Generated from assets/ by scripts/assets.ts.',
      '',
      `/** The texts of ${folders.map((folder) => `assets/${folder}`).join(' and ')} by their path under assets/. */`,
      `export const ${name}: Readonly<Record<string, string>> = {`,
      ...texts,
      '}',
      '',
    ].join('\n'),
  )
}

/** Writes den's own pip with the hashes that RECORD wants, so that no environment's making computes them. */
function writeDenPip(): void {
  const directory = path.join(root, 'assets', 'pip')
  const files = fs.readdirSync(directory).sort()
  const rows = files.map((name) => {
    const text = fs.readFileSync(path.join(directory, name), 'utf8')
    const digest = crypto.createHash('sha256').update(text).digest('base64url')
    return `  ${literal(name)}: { text: ${literal(text)}, digest: '${digest}', size: ${Buffer.byteLength(text)} },`
  })
  writeIfChanged(
    path.join(root, 'src/env/den-pip.generated.ts'),
    [
      '// Generated from assets/pip/ by scripts/assets.ts.',
      '',
      "/** The files of den's own pip by their name in assets/pip, with the SHA-256 in RECORD's spelling. */",
      'export const denPipFiles: Readonly<Record<string, { readonly text: string; readonly digest: string; readonly size: number }>> = {',
      ...rows,
      '}',
      '',
      '/** Changes with any of them. */',
      `export const denPipDigest: string = '${crypto.createHash('sha256').update(rows.join('')).digest('hex').slice(0, 16)}'`,
      '',
    ].join('\n'),
  )
}

/** Makes the generated modules anew where an asset changed. */
export function generateAssets(): void {
  writeTexts('src/env/assets.generated.ts', 'assetTexts', ['activate', 'python'])
  writeTexts('src/env/hook-assets.generated.ts', 'hookTexts', ['hook', 'shell'])
  // src/python stands above src/env and needs a text of its own.
  writeIfChanged(
    path.join(root, 'src/python/inspect-script.generated.ts'),
    [
      '// Generated from assets/python/inspect.py by scripts/assets.ts.',
      '',
      '/** What an interpreter is given on standard input when it is asked for its facts. */',
      `export const inspectScript: string = ${literal(fs.readFileSync(path.join(root, 'assets/python/inspect.py'), 'utf8'))}`,
      '',
    ].join('\n'),
  )
  writeTexts('src/build/hook-script.generated.ts', 'buildTexts', ['build'])
  writeIfChanged(
    path.join(root, 'src/indexes/attestations-root.generated.ts'),
    [
      '// Generated from assets/sigstore/trusted_root.json by scripts/assets.ts; loaded only where attestations are verified.',
      '',
      '/** The keys and certificates of the public sigstore instance, as its own JSON. */',
      `export const trustedRootText: string = ${literal(fs.readFileSync(path.join(root, 'assets/sigstore/trusted_root.json'), 'utf8'))}`,
      '',
    ].join('\n'),
  )
  writeDenPip()
  const example = [
    ...['hello.py', 'pyproject.toml', 'versions.py'].map(
      (name) => [name, path.join(root, 'examples', 'hello', name)] as const,
    ),
    ...wheelNames().map((name) => [name, path.join(root, 'examples', 'wheels', name)] as const),
  ]
  writeIfChanged(
    path.join(root, 'src/commands/example.generated.ts'),
    [
      '// Generated from examples/ by scripts/assets.ts.',
      '',
      '/** The files of the example project and its wheels, in base64, by name. */',
      'export const exampleFiles: Readonly<Record<string, string>> = {',
      ...example.map(([name, file]) => `  ${literal(name)}: ${literal(fs.readFileSync(file).toString('base64'))},`),
      '}',
      '',
    ].join('\n'),
  )
  const launchers = path.join(root, 'assets', 'launchers')
  const names = fs.existsSync(launchers)
    ? fs
        .readdirSync(launchers)
        .filter((name) => name.endsWith('.exe'))
        .sort()
    : []
  writeIfChanged(
    path.join(root, 'src/install/launchers.generated.ts'),
    [
      '// Generated from assets/launchers/ by scripts/assets.ts; loaded only for Windows targets.',
      '',
      '/** The Windows launchers in base64, by file name. */',
      'export const launcherBytes: Readonly<Record<string, string>> = {',
      ...names.map(
        (name) => `  ${literal(name)}: ${literal(fs.readFileSync(path.join(launchers, name)).toString('base64'))},`,
      ),
      '}',
      '',
    ].join('\n'),
  )
}

if (import.meta.main) generateAssets()
