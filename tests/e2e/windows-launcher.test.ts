// The console scripts made for Windows, run by Wine: the launcher finds its line and its zip, and starts what the line names. Wine's
// winepath.exe stands in for Python: it prints each of its arguments as a path of this machine, one a line.

import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { windowsLauncher } from '../../src/install/windows-launcher.ts'
import { scratch } from '../kit/scratch.ts'

const wine = spawnSync('wine', ['--version']).status === 0
const skip = wine ? false : 'NOT TESTED: Windows launchers, there is no Wine on this machine'

interface Setup {
  readonly root: string
  /** Runs a program of the folder; the lines that it prints. */
  run(program: string, ...args: readonly string[]): Promise<readonly string[]>
}

function setup(t: Parameters<typeof scratch>[0]): Setup {
  const root = scratch(t)
  const env = { PATH: process.env['PATH'], HOME: root, WINEPREFIX: path.join(root, 'wine'), WINEDEBUG: '-all' }
  t.after(() => void spawnSync('wineserver', ['-k'], { env }))
  return {
    root,
    run: (program, ...args) =>
      new Promise((resolve, reject) => {
        const child = spawn('wine', [program, ...args], {
          cwd: root,
          env,
          stdio: ['ignore', 'pipe', 'ignore'],
          timeout: 120_000,
        })
        let text = ''
        child.stdout.on('data', (chunk: Buffer) => {
          text += chunk.toString()
        })
        child.on('error', reject)
        child.on('close', () => resolve(text.split(/\r?\n/).filter((line) => line !== '')))
      }),
  }
}

const script = { module: 'app', attribute: 'main' }
const target = { platform: 'win32', machine: 'AMD64' } as const

test('a launcher starts the Python that its line names, with itself and the arguments', { skip }, async (t) => {
  const { root, run } = setup(t)
  const python = 'C:\\windows\\system32\\winepath.exe'
  fs.writeFileSync(path.join(root, 'app.exe'), await windowsLauncher(script, { ...target, python }))
  const expected = ['app.exe', 'one', 'two words'].map((name) => path.join(root, name))
  assert.deepEqual(await run('app.exe', 'one', 'two words'), expected)
})

test('a relocatable launcher starts the Python beside it, wherever that is', { skip }, async (t) => {
  const { root, run } = setup(t)
  // Makes the prefix, from which winepath.exe is taken to play Python.
  await run('winepath.exe', 'x')
  const stand = path.join(root, 'wine/drive_c/windows/system32/winepath.exe')
  for (const directory of ['Scripts', 'with space']) {
    const scripts = path.join(root, directory)
    fs.mkdirSync(scripts)
    fs.copyFileSync(stand, path.join(scripts, 'python.exe'))
    const options = { ...target, python: 'C:\\no\\such\\python.exe', relocatable: true }
    fs.writeFileSync(path.join(scripts, 'app.exe'), await windowsLauncher(script, options))
    assert.deepEqual(await run(path.join(directory, 'app.exe')), [path.join(scripts, 'app.exe')])
  }
})
