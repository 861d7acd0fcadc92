import { useMutation } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { Banner } from '../../components/banner'
import { Page } from '../../components/page'
import { Panel } from '../../components/panel'
import { diagnose, type Question } from '../../features/verify/diagnose'
import { Findings } from './findings'
import { VerifyForm } from './verify-form'

/** Why does my receiver refuse this webhook? Answered in the browser, of what was pasted: nothing is sent. */
export function VerifyPage() {
  const asked = useRef<AbortController>(null)
  const check = useMutation({
    mutationFn(question: Question) {
      asked.current = new AbortController()
      return diagnose(question, asked.current.signal)
    },
    gcTime: 0,
  })
  const forget = (): void => {
    asked.current?.abort()
    check.reset()
  }
  useEffect(() => () => asked.current?.abort(), [])
  const answer = useRef<HTMLDivElement>(null)
  // On a phone it stands below the form.
  useEffect(() => {
    if (check.data) answer.current?.scrollIntoView({ block: 'nearest' })
  }, [check.data])
  // WebCrypto is there on https and localhost only; the types do not know that.
  const canCheck = (crypto as Partial<Crypto>).subtle !== undefined
  return (
    <Page
      title="Verify a signature"
      description="Paste a webhook that your receiver refuses, and its secret: this page says why. It works in your browser; nothing is sent or kept."
    >
      {!canCheck && (
        <Banner tone="warning">
          Browsers compute signatures only on pages of https or localhost. Open this dashboard there to use this page.
        </Banner>
      )}
      <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,1.1fr)_minmax(0,1fr)]">
        <Panel title="What arrived" isPadded>
          <VerifyForm isBusy={check.isPending} canCheck={canCheck} onAsk={check.mutate} onChange={forget} />
        </Panel>
        <div ref={answer} className="scroll-mt-16 lg:sticky lg:top-5">
          <Panel title="Answer">
            <Findings check={check} />
          </Panel>
        </div>
      </div>
    </Page>
  )
}
