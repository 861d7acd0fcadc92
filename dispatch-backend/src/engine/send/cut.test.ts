import { expect, test } from 'vitest'
import { Cut } from './cut.js'
import { SendFailure, timeoutFailure } from './failure.js'

const stopped = new SendFailure('aborted', 'stopped')

test('tells its reason, the first one, to all who wait, but for those who left', () => {
  const cut = new Cut()
  const heard: SendFailure[] = []
  cut.onCut((reason) => heard.push(reason))
  const leave = cut.onCut((reason) => heard.push(reason))
  leave()
  expect(cut.reason).toBeUndefined()
  cut.now(stopped)
  cut.now(timeoutFailure(1_000))
  expect(heard).toEqual([stopped])
  expect(cut.reason).toBe(stopped)
})

test('tells it at once to who comes later', () => {
  const cut = new Cut()
  cut.now(stopped)
  const heard: SendFailure[] = []
  cut.onCut((reason) => heard.push(reason))()
  expect(heard).toEqual([stopped])
})
