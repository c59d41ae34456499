import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type FakeMachine, fakeHost } from '../../../tests/kit/fake-host.ts'
import type { Locator } from './locator.ts'
import { installManager, registry, scoop, store, winPython } from './windows.ts'

const local = 'C:\\Users\\me\\AppData\\Local'

async function find(locator: Locator, machine: FakeMachine): Promise<readonly (readonly [string, string?])[]> {
  const found: (readonly [string, string?])[] = []
  const windows: FakeMachine = { platform: 'win32', env: { LOCALAPPDATA: local }, ...machine }
  for await (const { executable, name } of locator.find(fakeHost(windows))) {
    found.push(name === undefined ? [executable] : [executable, name])
  }
  return found
}

test('registry reads PEP 514 keys: the user hides the machine, 64 bits come before 32, PyLauncher is no company', async () => {
  const key = 'Software\\Python'
  const machine: FakeMachine = {
    registry: {
      [`HKCU\\${key}\\PythonCore\\3.12\\InstallPath`]: { '': 'C:\\mine\\', ExecutablePath: 'C:\\mine\\python.exe' },
      [`HKCU\\${key}\\PyLauncher\\3.12\\InstallPath`]: { '': 'C:\\Windows' },
      [`HKLM64\\${key}\\PythonCore\\3.12\\InstallPath`]: { '': 'C:\\all' },
      [`HKLM64\\${key}\\PythonCore\\3.11\\InstallPath`]: { '': 'C:\\Program Files\\Python311\\' },
      [`HKLM64\\${key}\\ContinuumAnalytics\\Anaconda39-64\\InstallPath`]: { ExecutablePath: 'C:\\conda\\python.exe' },
      [`HKLM64\\${key}\\Unheard-of\\x\\InstallPath`]: { ExecutablePath: 'D:\\un heard\\py.exe' },
      [`HKLM32\\${key}\\PythonCore\\3.10-32\\InstallPath`]: { '': 'C:\\Python310-32' },
      [`HKLM32\\${key}\\PythonCore\\2.7\\InstallPath`]: {},
    },
  }
  assert.deepEqual(await find(registry, machine), [
    ['C:\\mine\\python.exe', 'PythonCore\\3.12'],
    ['C:\\Program Files\\Python311\\python.exe', 'PythonCore\\3.11'],
    ['C:\\conda\\python.exe', 'ContinuumAnalytics\\Anaconda39-64'],
    ['D:\\un heard\\py.exe', 'Unheard-of\\x'],
    ['C:\\Python310-32\\python.exe', 'PythonCore\\3.10-32'],
  ])
})

test("windows-store finds the packages' own aliases, not the stub above them", async () => {
  const apps = `${local}\\Microsoft\\WindowsApps`
  const files = {
    [`${apps}\\python.exe`]: '',
    [`${apps}\\PythonSoftwareFoundation.Python.3.12_qbz5n2kfra8p0\\python.exe`]: 'x',
    [`${apps}\\Microsoft.Other_1\\x.exe`]: '',
  }
  assert.deepEqual(await find(store, { files }), [
    [`${apps}\\PythonSoftwareFoundation.Python.3.12_qbz5n2kfra8p0\\python.exe`, '3.12'],
  ])
})

test('pymanager finds what the install manager keeps, not its aliases', async () => {
  const files = {
    [`${local}\\Python\\pythoncore-3.14-64\\python.exe`]: 'x',
    [`${local}\\Python\\bin\\python.exe`]: 'alias',
    [`${local}\\Python\\_cache\\index.json`]: '{}',
  }
  assert.deepEqual(await find(installManager, { files }), [
    [`${local}\\Python\\pythoncore-3.14-64\\python.exe`, 'pythoncore-3.14-64'],
  ])
})

test('winpython finds old and new layouts', async () => {
  const files = {
    'D:\\wp\\WPy64-31230\\python-3.12.3.amd64\\python.exe': 'x',
    'D:\\wp\\WPy64-31390\\python\\python.exe': 'x',
    'D:\\wp\\WPy64-31390\\notebooks\\x': '',
  }
  assert.deepEqual(await find(winPython, { files, env: { WINPYTHON_HOME: 'D:\\wp' } }), [
    ['D:\\wp\\WPy64-31390\\python\\python.exe', 'WPy64-31390'],
    ['D:\\wp\\WPy64-31230\\python-3.12.3.amd64\\python.exe', 'WPy64-31230'],
  ])
})

test('scoop finds the current link of each Python', async () => {
  const apps = 'C:\\Users\\me\\scoop\\apps'
  const files = {
    [`${apps}\\python311\\3.11.9\\python.exe`]: 'x',
    [`${apps}\\python311\\current`]: { link: `${apps}\\python311\\3.11.9` },
    [`${apps}\\git\\current\\git.exe`]: 'x',
  }
  assert.deepEqual(await find(scoop, { files }), [[`${apps}\\python311\\current\\python.exe`, 'python311']])
})

test('the Windows locators find nothing elsewhere', async () => {
  for (const locator of [registry, store, installManager, winPython, scoop]) {
    assert.deepEqual(await find(locator, { platform: 'linux' }), [], locator.name)
  }
})
