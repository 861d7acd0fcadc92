import { describe, expect, it } from 'vitest'
import { ClaimLead } from './claim-lead.js'
import { LEAD_CAP_MS } from './limits.js'

describe('ClaimLead', () => {
  it('is as long as all but the slowest two of the last claims took', () => {
    const lead = new ClaimLead()
    expect(lead.ms).toBe(5)
    for (let n = 0; n < 126; n += 1) lead.noteWait(3.2)
    lead.noteWait(30)
    lead.noteWait(40)
    expect(lead.ms).toBe(5)
    lead.noteWait(20)
    expect(lead.ms).toBe(21)
    // The slow ones are forgotten once 128 others followed.
    for (let n = 0; n < 128; n += 1) lead.noteWait(1)
    expect(lead.ms).toBe(2)
  })

  it('is no longer than its cap, however slow the database', () => {
    const lead = new ClaimLead()
    for (let n = 0; n < 3; n += 1) lead.noteWait(5_000)
    expect(lead.ms).toBe(LEAD_CAP_MS)
  })

  it('counts a claim that follows another one at once from the issue of that one', () => {
    const lead = new ClaimLead()
    expect(lead.noteIssue(1_000)).toBe(1_000)
    expect(lead.noteIssue(1_007)).toBe(1_000)
    expect(lead.noteIssue(1_010)).toBe(1_007)
    lead.noteRest()
    expect(lead.noteIssue(1_020)).toBe(1_020)
  })
})
