// Commands of `den pip` beside pip's own, in one place and with the same input: what they answer, what they end with, and which files
// are left after an uninstall.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { den } from '../../kit/den.ts'
import { distInfo, distutilsFile, eggDirectory, eggInfo } from '../../kit/installed.ts'
import { peerEnvironment, peerProgram, peers, skipWithout } from '../../kit/oracle.ts'
import { scratch, writeTree } from '../../kit/scratch.ts'

const skip = skipWithout(['pip'], 'agreement with pip about its commands')

interface Setting {
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string
}

interface Told {
  readonly code: number | null | undefined
  readonly stdout: string
  readonly stderr: string
}

function askPip(args: readonly string[], { cwd, env, input }: Setting): Told {
  const own = {
    PATH: process.env['PATH'],
    HOME: cwd,
    NO_COLOR: '1',
    LANG: 'C.UTF-8',
    PIP_CONFIG_FILE: '/dev/null',
    ...env,
  }
  const { status, stdout, stderr } = spawnSync(peerProgram('pip'), args, {
    encoding: 'utf8',
    cwd,
    env: own,
    input: input ?? '',
  })
  return { code: status, stdout, stderr }
}

function askDen(args: readonly string[], { cwd, env, input }: Setting): Promise<Told> {
  const own = { HOME: cwd, PIP_CONFIG_FILE: '/dev/null', VIRTUAL_ENV: peers, ...env }
  return den(['pip', ...args], { cwd, env: own, ...(input === undefined ? {} : { input }) })
}

test('den pip ends as pip does', { skip }, async (t) => {
  const cwd = scratch(t, { file: 'abc' })
  for (const args of [
    [],
    ['help'],
    ['help', 'list'],
    ['help', 'nothing'],
    ['list', '--help'],
    ['-h', 'list', '--nothing'],
    ['nothing'],
    ['list', '--nothing'],
    ['list', '--format', 'x'],
    ['list', '-o', '--format=freeze'],
    ['list', '-ou'],
    ['list', '--path', '.', '--local'],
    ['freeze', '--path', '.', '--user'],
    ['freeze', '-r', 'absent.txt'],
    ['inspect', '--path', '.', '--user'],
    ['list', '--python', 'x'],
    ['--python', 'absent', 'list'],
    ['show'],
    ['show', 'absent'],
    ['hash'],
    ['hash', 'file'],
    ['hash', 'absent'],
    ['hash', '-a', 'md5', 'file'],
    ['cache'],
    ['cache', 'dir', 'x'],
    ['cache', 'remove'],
    ['cache', 'list', '--no-cache-dir'],
    ['config'],
    ['config', 'get'],
    ['config', 'get', 'global.absent'],
    ['config', '--user', '--site', 'list'],
    ['config', '--user', '--site', 'set', 'a.b', 'c'],
    ['config', 'set', 'nodot', 'x'],
    ['config', 'unset', 'a.b'],
    ['completion'],
    ['completion', '--bash'],
    ['search'],
    ['uninstall'],
    ['uninstall', '-y', 'absent-project'],
    ['uninstall', '-y', './file'],
    ['index'],
    ['index', 'versions'],
    ['install'],
    ['install', '--user', '--target', 'x', 'six'],
    ['install', '--platform', 'x', 'six'],
    ['install', '--only-deps', '--no-deps', 'six'],
    ['install', '--pre', '--all-releases', 'x', 'six'],
    ['--require-virtualenv', 'list'],
  ]) {
    const theirs = askPip(args, { cwd })
    const mine = await askDen(args, { cwd })
    // Where pip itself breaks down there is nothing to follow.
    if (theirs.stderr.includes('Traceback')) {
      assert.equal(mine.code, 1, `${args.join(' ')}\n${mine.stderr}`)
      continue
    }
    assert.equal(mine.code, theirs.code, `${args.join(' ')}\nden: ${mine.stderr}\npip: ${theirs.stderr}`)
    assert.equal(
      mine.stdout === '',
      theirs.stdout === '',
      `${args.join(' ')}\nden: ${mine.stdout}\npip: ${theirs.stdout}`,
    )
  }
})

test('den pip hash and config answer with pip’s words', { skip }, async (t) => {
  const cwd = scratch(t, {
    file: 'abc',
    'pip.conf': '[global]\ntimeout = 60\nfind-links =\n    one\n    two\n[list]\nformat = columns\n',
  })
  const env = { PIP_CONFIG_FILE: path.join(cwd, 'pip.conf'), XDG_CONFIG_HOME: path.join(cwd, 'xdg'), PIP_NO_INPUT: '1' }
  for (const args of [
    ['hash', 'file'],
    ['hash', 'file', '-a', 'sha384', './file'],
    ['config', 'list'],
    ['config', 'get', 'global.timeout'],
    ['config', 'debug'],
    ['cache', 'dir', '--cache-dir', '/nowhere/at/all'],
    ['cache', 'list', '--cache-dir', '/nowhere/at/all'],
  ]) {
    const theirs = askPip(args, { cwd, env })
    const mine = await askDen(args, { cwd, env })
    assert.equal(mine.stdout, theirs.stdout, `${args.join(' ')}\n${mine.stderr}`)
    assert.equal(mine.code, theirs.code, args.join(' '))
  }
  // Each changes a home of its own.
  const homes = { mine: path.join(cwd, 'mine'), theirs: path.join(cwd, 'theirs') }
  const { PIP_CONFIG_FILE: _file, ...plain } = env
  const steps = [
    ['config', 'set', 'global.index-url', 'https://example.org/simple'],
    ['config', 'set', 'install.No_Deps', 'yes'],
    ['config', 'set', 'global.timeout', '5'],
    ['config', 'unset', 'install.no-deps'],
    ['config', 'list', '--user'],
  ]
  for (const args of steps) {
    const at = (home: string) => ({ cwd, env: { ...plain, PIP_CONFIG_FILE: '', XDG_CONFIG_HOME: home } })
    const theirs = askPip(args, at(homes.theirs))
    const mine = await askDen(args, at(homes.mine))
    assert.equal(mine.code, theirs.code, `${args.join(' ')}\n${mine.stderr}${theirs.stderr}`)
    assert.equal(mine.stdout.replaceAll(homes.mine, homes.theirs), theirs.stdout, args.join(' '))
    const text = (home: string): string => fs.readFileSync(path.join(home, 'pip', 'pip.conf'), 'utf8')
    assert.equal(text(homes.mine), text(homes.theirs), args.join(' '))
  }
})

function environment(t: TestContext): { readonly python: string; readonly site: string; readonly cwd: string } {
  const cwd = scratch(t)
  const { python, site } = peerEnvironment(path.join(cwd, 'env'))
  writeTree(site, distInfo({ name: 'one', version: '1.0' }))
  writeTree(site, distInfo({ name: 'Two.Words', version: '2.0' }))
  writeTree(site, {
    'pack/__init__.py': '',
    'pack/deep/__init__.py': '',
    'pack/deep/data.txt': '',
    'pack/own.txt': 'by hand',
  })
  fs.appendFileSync(
    path.join(site, 'two_words-2.0.dist-info', 'RECORD'),
    'pack/__init__.py,,\npack/deep/__init__.py,,\npack/deep/data.txt,,\n../../../bin/two,,\n',
  )
  writeTree(path.join(cwd, 'env', 'bin'), { two: '#!/bin/sh\n' })
  writeTree(site, eggInfo('old', '0.5', ''))
  writeTree(site, distutilsFile('dumb', '0.1'))
  writeTree(site, { ...eggDirectory('eggdir', '3.0'), 'easy-install.pth': './eggdir-3.0-py3.11.egg\n/elsewhere\n' })
  return { cwd, site, python }
}

function everything(root: string): readonly string[] {
  return (
    fs
      .readdirSync(root, { recursive: true, encoding: 'utf8' })
      // den keeps a history of its own.
      .filter((name) => !/(?:^|\/)\.den(?:\/|$)|__pycache__/.test(name))
      .sort()
  )
}

test('den pip uninstall says and removes what pip says and removes', { skip }, async (t) => {
  for (const { names, input } of [
    { names: ['one'], input: 'y\n' },
    { names: ['two-words'], input: '\n' },
    { names: ['one'], input: 'n\n' },
    { names: ['old'], input: 'Y\n' },
    { names: ['eggdir'], input: 'y\n' },
    { names: ['dumb'], input: 'y\n' },
    { names: ['absent', 'one'], input: 'y\n' },
  ]) {
    const theirs = environment(t)
    const mine = environment(t)
    const told = askPip(['--python', theirs.python, 'uninstall', ...names], { cwd: theirs.cwd, input })
    const said = await askDen(['--python', mine.python, 'uninstall', ...names], { cwd: mine.cwd, input })
    const label = `${names.join(' ')} ${JSON.stringify(input)}`
    assert.equal(said.code, told.code, `${label}\n${said.stderr}\n${told.stderr}`)
    assert.deepEqual(everything(path.join(mine.cwd, 'env')), everything(path.join(theirs.cwd, 'env')), label)
    const pth = (place: string): string => fs.readFileSync(path.join(place, 'easy-install.pth'), 'utf8')
    assert.equal(pth(mine.site), pth(theirs.site), label)
    if (told.code === 0) assert.equal(said.stdout.replaceAll(mine.cwd, theirs.cwd), told.stdout, label)
  }
})
