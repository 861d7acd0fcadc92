/** The first 48 bits of a UUIDv7 are when it was made, so ids of one moment lie side by side in every index of ids. */

/** Sorts before every UUIDv7 made at this instant or later. */
export function idBefore(epochMs: number): string {
  const hex = Math.max(0, Math.trunc(epochMs)).toString(16).padStart(12, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8)}`
}

/** When the UUIDv7 was made. */
export function timeOfId(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16)
}
