/** What one row of the settings table is made of. */

/** How a setting's text becomes its value. */
export interface Type<Value> {
  /** For people, after "expected": `a port, 0 to 65535`. */
  readonly expects: string
  /** Answers the value, or throws a `SettingError` when the text is none. */
  parse(text: string): Value
}

export interface Setting<Value> {
  /** Name of the environment variable. */
  readonly name: string
  readonly type: Type<Value>
  /** The text that stands in for an unset variable; null = the value is null then. */
  readonly default: string | null
  /** Sentences for the settings page. */
  readonly description: string
  /** How its text is shown where people can see it; null = as it is. */
  readonly mask: ((text: string) => string) | null
  /** An empty text is a value of its own; of other settings it counts as unset. */
  readonly takesEmpty?: true
}

/** The text is not what the setting takes. The message says more than `expects` does, or repeats it. */
export class SettingError extends Error {}

/** A setting that always has a value. */
export function setting<Value>(name: string, type: Type<Value>, fallback: string, description: string): Setting<Value> {
  return { name, type, default: fallback, description, mask: null }
}

/** A setting that may be unset: its value is null then. */
export function optional<Value>(name: string, type: Type<Value>, description: string): Setting<Value | null> {
  return { name, type, default: null, description, mask: null }
}

/** An `optional` that holds a secret. */
export function secret<Value>(
  name: string,
  type: Type<Value>,
  description: string,
  mask: (text: string) => string = hide,
): Setting<Value | null> {
  return { name, type, default: null, description, mask }
}

/** The length alone tells most of what went wrong with a pasted secret. */
function hide(text: string): string {
  return `(secret, ${text.length} characters)`
}
