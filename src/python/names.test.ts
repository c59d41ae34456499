import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parsePythonRequest } from '../spec/python-request.ts'
import { isInterpreterName, isNamedOtherwise, namesFor } from './names.ts'

test('isInterpreterName() takes interpreters and leaves their companions', () => {
  for (const name of [
    'python',
    'python3',
    'python2.7',
    'python3.13t',
    'python3.6m',
    'python3.11-dbg',
    'pypy3.10',
    'graalpy',
  ]) {
    assert.equal(isInterpreterName(name, 'linux'), true, name)
  }
  for (const name of [
    'python3-config',
    'python3.13-gdb.py',
    'pythonw',
    'python-argcomplete-tcsh',
    'ipython',
    'pypy3clean',
    'python.exe',
  ]) {
    assert.equal(isInterpreterName(name, 'linux'), false, name)
  }
  assert.equal(isInterpreterName('Python3.12.exe', 'win32'), true)
  assert.equal(isInterpreterName('python.bat', 'win32'), true)
  assert.equal(isInterpreterName('pythonw.exe', 'win32'), false)
  assert.equal(isInterpreterName('python', 'win32'), false)
})

test('namesFor() begins with the name that says most', () => {
  assert.equal(namesFor(parsePythonRequest('3.12'), 'linux')[0], 'python3.12')
  assert.equal(namesFor(parsePythonRequest('3.13t'), 'linux')[0], 'python3.13t')
  assert.equal(namesFor(parsePythonRequest('pypy3.10'), 'linux')[0], 'pypy3.10')
  assert.deepEqual(namesFor(parsePythonRequest('any'), 'linux').slice(0, 2), ['python3', 'python'])
  assert.deepEqual(namesFor(parsePythonRequest('mypython'), 'linux'), ['mypython'])
  assert.deepEqual(namesFor(parsePythonRequest('mypython'), 'win32'), ['mypython.exe', 'mypython.bat'])
})

test('namesFor() holds the plain names for every version, since they may be it', () => {
  for (const request of ['3.12', '2.7', '>=3.8', '3', 'cpython@3.11', '3.13t']) {
    assert.ok(namesFor(parsePythonRequest(request), 'linux').includes('python'), request)
  }
})

test('isNamedOtherwise() believes a name only where it has numbers', () => {
  const request = parsePythonRequest('3.12')
  assert.equal(isNamedOtherwise('/a/bin/python3.9', request), true)
  assert.equal(isNamedOtherwise('/a/bin/python2', request), true)
  assert.equal(isNamedOtherwise('/a/bin/python3.12', request), false)
  assert.equal(isNamedOtherwise('/a/bin/python3', request), false)
  assert.equal(isNamedOtherwise('/a/bin/python', request), false)
  assert.equal(isNamedOtherwise('/a/bin/python3.9', parsePythonRequest('>=3.8')), false)
})
