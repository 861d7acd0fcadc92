/** localStorage, which a browser may forbid: then nothing is kept, and the dashboard works until it is reloaded. */
const PREFIX = 'dispatch.'
const memory = new Map<string, string>()

export function readStored(name: string): string | null {
  try {
    return localStorage.getItem(PREFIX + name)
  } catch {
    return memory.get(name) ?? null
  }
}

/** `null` removes it. */
export function store(name: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(PREFIX + name)
    else localStorage.setItem(PREFIX + name, value)
  } catch {
    if (value === null) memory.delete(name)
    else memory.set(name, value)
  }
}

/** Calls when another tab changed the value. */
export function onStoredElsewhere(name: string, listener: (value: string | null) => void): void {
  addEventListener('storage', (event) => {
    // A null key means that everything was cleared.
    if (event.key === PREFIX + name || event.key === null) listener(readStored(name))
  })
}
