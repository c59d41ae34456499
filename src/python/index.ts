// denpy/python: finding interpreters and knowing them.

export { type ChosenPython, findPython, findPythons } from './find.ts'
export { inspectPython } from './inspect.ts'
export {
  type FoundPython,
  formatPythonVersion,
  type Implementation,
  type Interpreter,
  libraryVersion,
  type PythonVersion,
} from './interpreter.ts'
export type { FindPythonOptions, FindPythonsOptions } from './search.ts'
