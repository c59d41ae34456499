// What finding and inspecting interpreters needs beside the world: a directory for remembered answers.

import type { Places } from '../config/places.ts'
import type { Context } from '../host/host.ts'

/** The composition root's `Core` is one. */
export interface PythonContext extends Context {
  readonly places: Pick<Places, 'cache'>
}
