// Something that is opened when it is first needed, and closed if it was: what is told from memory needs neither source nor workshop, and
// loading them takes longer than all the rest.

export interface Late<Opened> {
  /** The same each time. */
  open(): Promise<Opened>
  close(): Promise<void>
}

export function late<Opened extends { close(): void }>(make: () => Promise<Opened>): Late<Opened> {
  let opening: Promise<Opened> | undefined
  return {
    open: () => {
      opening ??= make()
      return opening
    },
    close: async () => {
      const opened = await opening?.catch(() => undefined)
      opened?.close()
    },
  }
}
