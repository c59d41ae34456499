// Starting a program that goes on when den has ended, and that nobody waits for or listens to.

/** What can't be started is no error: nobody waits for it. */
export function launchInBackground(
  command: string,
  args: readonly string[],
  { cwd, env }: { readonly cwd: string; readonly env: Readonly<Record<string, string | undefined>> },
): void {
  const { spawn } = process.getBuiltinModule('node:child_process')
  try {
    const child = spawn(command, [...args], {
      cwd,
      env: env as NodeJS.ProcessEnv,
      stdio: 'ignore',
      detached: true,
      windowsHide: true,
    })
    child.on('error', () => undefined)
    child.unref()
  } catch {
    // As above.
  }
}

/** From here on whatever else runs on the machine goes first; what this process starts, too. */
export function yieldToOthers(): void {
  try {
    process.getBuiltinModule('node:os').setPriority(10)
  } catch {
    // Some systems don't let a process do that; then it is as quick as any.
  }
}
