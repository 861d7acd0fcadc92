import { describe, expect, it } from 'vitest'
import * as letters from './letters.js'

const EVIL = `"><script>alert('1')</script>&{{code}}@example.com`
const URL = 'https://dispatch.example.com'
const ALL = [
  letters.verificationLetter('ada@example.com', '012345'),
  letters.emailChangeLetter('ada@example.com', '012345'),
  letters.addressTakenLetter('ada@example.com', URL),
  letters.resetLetter('ada@example.com', `${URL}/reset-password?token=abc_-9`),
  letters.passwordChangedLetter('ada@example.com', URL),
  letters.emailChangedLetter('ada@example.com', 'new@example.com'),
]

describe.each(ALL.map((letter) => [letter.subject, letter] as const))('%s', (_subject, letter) => {
  it('is complete, loads nothing from elsewhere and runs nothing', () => {
    expect(letter.html).not.toMatch(/\{\{|undefined|<script|<img|<link|@import|url\(/i)
    expect(letter.html.match(/(?:href|src)="[^"]*"/g) ?? []).toEqual(
      letter.text.includes('token=') ? [`href="${URL}/reset-password?token=abc_-9"`] : [],
    )
    expect(letter.text).not.toMatch(/[<>]|undefined|&#/)
    expect(letter.subject).toMatch(/^Dispatch: [\x20-\x7e]+$/)
    expect(letter.to).toBe('ada@example.com')
  })

  it('says the same in text as in HTML', () => {
    const shown = letter.html
      .replace(/<(style|head|title)[\s\S]*?<\/\1>/g, ' ')
      .replace(/<[^>]*>/g, ' ')
      .replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)))
      .replace(/\s+/g, ' ')
    for (const part of letter.text.trim().split('\n\n')) expect(shown).toContain(part)
  })
})

it('escapes what others chose', () => {
  const { html, text } = letters.emailChangedLetter('ada@example.com', EVIL)
  expect(html).not.toContain('<script>')
  expect(html).toContain('&#60;script&#62;alert(&#39;1&#39;)&#60;/script&#62;&#38;{{code}}@example.com')
  expect(text).toContain(EVIL)
})
