// Reading the Windows registry (PEP 514 needs no more): keys as data, so that a test can hand one over.

/** One key with its values and the names of its subkeys. */
export interface RegistryKey {
  /** Value names to text; the default value stands under "". */
  readonly values: ReadonlyMap<string, string>
  readonly subkeys: readonly string[]
}

export interface Registry {
  /** `view` picks the 32- or 64-bit half of HKLM; undefined when the key isn't there or this is no Windows. */
  read(hive: 'HKCU' | 'HKLM', path: string, view?: 32 | 64): RegistryKey | undefined
}

export const noRegistry: Registry = { read: () => undefined }
