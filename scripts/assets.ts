// Writes src/env/assets.generated.ts: the text of every file under assets/ that lands in environments, so that one bundle holds all.

import fs from 'node:fs'
import path from 'node:path'

const root = path.resolve(import.meta.dirname, '..')

function literal(text: string): string {
  return JSON.stringify(text).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')
}

function writeIfChanged(file: string, text: string): void {
  if (fs.existsSync(file) && fs.readFileSync(file, 'utf8') === text) return
  fs.writeFileSync(file, text)
}

/** Makes the generated modules anew where an asset changed. */
export function generateAssets(): void {
  const texts: string[] = []
  for (const folder of ['activate', 'python']) {
    const directory = path.join(root, 'assets', folder)
    if (!fs.existsSync(directory)) continue
    for (const name of fs.readdirSync(directory).sort()) {
      if (name.endsWith('.md')) continue
      texts.push(`  ${literal(`${folder}/${name}`)}: ${literal(fs.readFileSync(path.join(directory, name), 'utf8'))},`)
    }
  }
  writeIfChanged(
    path.join(root, 'src/env/assets.generated.ts'),
    [
      '// Generated from assets/ by scripts/assets.ts.',
      '',
      '/** The texts of assets/activate and assets/python by their path under assets/. */',
      'export const assetTexts: Readonly<Record<string, string>> = {',
      ...texts,
      '}',
      '',
    ].join('\n'),
  )
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
