import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DoctorResult, ReportedFinding } from '../../commands/doctor.ts'
import { renderDoctor, renderRepair } from './doctor.ts'
import { plainStyle } from './style.ts'

const here = { home: '/home/me', cwd: '/proj' }
const broken: ReportedFinding = {
  check: 'executable',
  severity: 'error',
  what: '/proj/.venv/bin/python is a link that leads nowhere',
  why: '/opt/python is gone',
  fix: ['den repair /proj/.venv', 'or make it anew'],
  mendedBy: 'repair',
}
const lost: ReportedFinding = {
  check: 'abi',
  severity: 'error',
  what: 'a 1 does not fit',
  fix: [],
  mendedBy: 'reinstall',
  reinstall: ['a==1'],
}
const report = (root: string, findings: readonly ReportedFinding[]): DoctorResult['environments'][number] => ({
  root,
  kind: 'venv',
  version: '3.12.1',
  findings,
})

test('renderDoctor() tells what, why and fix, and who mends it', () => {
  const result = { environments: [report('/proj/.venv', [broken, lost])], shell: [], sound: false }
  assert.equal(
    renderDoctor(result, plainStyle, here),
    `.venv  venv, Python 3.12.1
  error[executable]: /proj/.venv/bin/python is a link that leads nowhere
     why: /opt/python is gone
     fix: den repair /proj/.venv
          or make it anew
  error[abi]: a 1 does not fit
          den repair cannot do this: it takes an installer

den repair /proj/.venv mends 1 of 2 and keeps the packages`,
  )
})

test('renderDoctor() says that an environment is sound, and counts the sound ones of many', () => {
  const one = { environments: [report('/home/me/e', [])], shell: [], sound: true }
  assert.equal(renderDoctor(one, plainStyle, here), '~/e  venv, Python 3.12.1\n  sound: nothing is wrong with it')
  const many = { environments: [report('/a', []), report('/b', [lost]), report('/c', [])], shell: [], sound: false }
  assert.match(renderDoctor(many, plainStyle, here), /^\/b {2}venv[\s\S]*\n\n2 other environments are sound$/)
  const none = { environments: [], shell: [], sound: true }
  assert.equal(
    renderDoctor(none, plainStyle, here),
    'no environment is selected here, and nothing is wrong with this shell',
  )
})

test('renderDoctor() shows control characters in what it found', () => {
  const odd = { ...broken, what: 'a\x1b[31mb', fix: [] }
  assert.match(
    renderDoctor({ environments: [report('/e', [odd])], shell: [odd], sound: false }, plainStyle, here),
    /a\\x1b\[31mb[\s\S]*this shell\n {2}error/,
  )
})

test('renderRepair() tells what was mended, what would be, and what is left', () => {
  const base = {
    root: '/proj/.venv',
    changes: [{ kind: 'link', path: 'bin/python', target: '/p' }],
    mended: [broken],
    left: [],
    reinstall: [],
    packages: { damaged: [], mended: [], restored: [], left: [], sharing: [] },
  } as const
  assert.equal(
    renderRepair({ ...base, changed: true }, plainStyle, { ...here, dryRun: false }),
    'mended .venv  1 change\n  /proj/.venv/bin/python is a link that leads nowhere',
  )
  assert.match(
    renderRepair({ ...base, changed: false }, plainStyle, { ...here, dryRun: true }),
    /^would mend .venv {2}1 change\n.*\n {4}link bin\/python -> \/p$/,
  )
  const left = renderRepair(
    { ...base, changes: [], mended: [], changed: false, left: [lost], reinstall: ['a==1'] },
    plainStyle,
    { ...here, dryRun: false },
  )
  assert.match(left, /^left to do in .venv\n {2}error\[abi\][\s\S]*to be installed again: a==1$/)
  assert.equal(
    renderRepair({ ...base, changes: [], mended: [], changed: false }, plainStyle, { ...here, dryRun: false }),
    '.venv  sound: nothing to repair',
  )
})
