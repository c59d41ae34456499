import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import { rewriteScript } from '../env/rewrite-script.ts'
import { bytesSource, parseZip } from '../format/zip.ts'
import { extractEntry } from '../store/extract.ts'
import { storedZip, windowsLauncher } from './windows-launcher.ts'

test('storedZip() makes an archive that den’s own strict reader takes', () => {
  const source = bytesSource(storedZip('__main__.py', Buffer.from('print(1)\n')))
  const [entry] = parseZip(source, { file: 'x' })
  assert.equal(entry!.name, '__main__.py')
  assert.equal(Buffer.from(extractEntry(source, entry!, 'x')).toString(), 'print(1)\n')
})

test('env mv leaves a launcher that looks beside itself, and bare names, wherever one stands', async () => {
  const header = {
    python: 'C:\\old\\Scripts\\python.exe',
    platform: 'win32',
    relocatable: true,
    machine: 'AMD64',
  } as const
  const beside = await windowsLauncher({ module: 'pip', attribute: 'main' }, header)
  // A relative path counts from the working directory, which may be the environment that moves.
  const options = {
    from: [path.win32.resolve('.'), path.posix.resolve('.')],
    to: 'C:\\new',
    platform: 'win32',
    relocatable: true,
  } as const
  assert.ok(rewriteScript(beside, { ...options, path: path.win32 }) === undefined)
  for (const paths of [path.win32, path.posix]) {
    assert.ok(rewriteScript(Buffer.from('#!python.exe\nprint()\n'), { ...options, path: paths }) === undefined)
    assert.ok(rewriteScript(Buffer.from('#!python\nprint()\n'), { ...options, path: paths }) === undefined)
  }
  // The same script made for one place follows it.
  const bound = await windowsLauncher({ module: 'pip', attribute: 'main' }, { ...header, relocatable: false })
  const moved = rewriteScript(bound, { ...options, from: ['C:\\old'], path: path.win32 })
  const expected = await windowsLauncher(
    { module: 'pip', attribute: 'main' },
    { ...header, relocatable: false, python: 'C:\\new\\Scripts\\python.exe' },
  )
  // Not compared by deepEqual: it takes minutes to describe how two such files differ.
  assert.ok(Buffer.from(moved!).equals(expected))
})
