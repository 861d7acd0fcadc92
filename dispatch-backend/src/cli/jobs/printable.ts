/**
 * Titles, answers and URLs come from elsewhere: control characters in them could rewrite the terminal, line breaks forge
 * rows, and direction marks turn text around.
 */
const HARMFUL = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu

/** The text on one line, with every such character as `\u{…}`. */
export function printable(text: string): string {
  return text.replace(HARMFUL, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`)
}

/** One line of JSON; what `JSON.stringify` leaves as it is but a terminal does not, escaped the way JSON has it. */
export function printableJson(value: unknown): string {
  return JSON.stringify(value).replace(HARMFUL, (character) =>
    // Beyond 16 bits JSON writes the two halves.
    Array.from({ length: character.length }, (_, index) => character.charCodeAt(index))
      .map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`)
      .join(''),
  )
}
