import type { Setting } from './setting.js'

/** A setting's text and where it was found: `environment`, or the path of a `.env` file. */
export interface Found {
  readonly text: string
  readonly source: string
}

/** A setting as it may be shown to people. */
export interface ShownSetting {
  readonly name: string
  /** The text in force, masked when it is a secret; null = unset. */
  readonly value: string | null
  /** `environment`, the file's path, or `default`. */
  readonly source: string
  readonly isSecret: boolean
}

export function showSetting(
  { name, default: fallback, mask }: Setting<unknown>,
  found: Found | undefined,
): ShownSetting {
  const text = found?.text ?? fallback
  return {
    name,
    value: text !== null && mask ? mask(text) : text,
    source: found?.source ?? 'default',
    isSecret: mask !== null,
  }
}
