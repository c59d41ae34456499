import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fitsPython } from './abi.ts'

const environment = (major: number, minor: number, freeThreaded = false, implementation = 'cpython') => ({
  pythonVersion: { major, minor, freeThreaded },
  implementation,
})

test('fitsPython() goes by PEP 425: the version, the ABI and the build', () => {
  const python312 = environment(3, 12)
  for (const tag of [
    'py3-none-any',
    'cp312-cp312-x',
    'cp38-abi3-x',
    'cp312-none-any',
    'py38-none-any',
    'zz9-none-any',
  ]) {
    assert.equal(fitsPython(tag, python312), true, tag)
  }
  for (const tag of [
    'py2-none-any',
    'cp311-cp311-x',
    'cp313-cp313-x',
    'cp313-abi3-x',
    'cp312-cp312t-x',
    'pp310-pypy310_pp73-x',
    'py313-none-any',
  ]) {
    assert.equal(fitsPython(tag, python312), false, tag)
  }
})

test('fitsPython() keeps free-threaded builds, PyPy and Python 2 apart', () => {
  const threads = environment(3, 13, true)
  assert.equal(fitsPython('cp313-cp313t-x', threads), true)
  assert.equal(fitsPython('cp313-cp313-x', threads), false)
  assert.equal(fitsPython('cp38-abi3-x', threads), false)
  const pypy = environment(3, 10, false, 'pypy')
  assert.equal(fitsPython('pp310-pypy310_pp73-x', pypy), true)
  assert.equal(fitsPython('cp310-cp310-x', pypy), false)
  assert.equal(fitsPython('py3-none-any', pypy), true)
  const old = environment(2, 7)
  assert.equal(fitsPython('cp27-cp27mu-x', old), true)
  assert.equal(fitsPython('py3-none-any', old), false)
})
