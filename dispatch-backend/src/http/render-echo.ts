/** Echoes in the shapes of the contract. */
import * as api from 'dispatch-contract'
import { formatInstant } from '../clock.js'
import { echoUrl } from '../delivery/own-echo.js'
import type { KeptRequest, ShownEcho, WholeRequest } from '../domain/echo.js'

export function renderEcho({ isEnabled, token, answer }: ShownEcho, publicUrl: string): api.Echo {
  return {
    enabled: isEnabled,
    url: token === null ? null : echoUrl(publicUrl, token),
    answer: api.echoAnswer.parse(answer),
  }
}

export function renderEchoItem({ receivedAtMs, ...request }: KeptRequest): api.EchoRequestItem {
  return { ...request, at: formatInstant(receivedAtMs) }
}

export function renderEchoRequest({ receivedAtMs, ...request }: WholeRequest): api.EchoRequest {
  return { ...request, at: formatInstant(receivedAtMs) }
}
