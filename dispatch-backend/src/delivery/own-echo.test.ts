import { describe, expect, it } from 'vitest'
import { dialTarget, echoUrl, isEchoOf, ownOrigins } from './own-echo.js'

const TOKEN = 'Vq0hT1m8b3mCwM7c2n9yJk5sXr4eUoP6aZtLgDfIiQE'
const ORIGINS = ownOrigins('https://dispatch.example.com', { address: '127.0.0.1', port: 4000 })
const owns = (url: string): boolean => isEchoOf(new URL(url), () => ORIGINS)

describe('an own echo', () => {
  it.each([
    `https://dispatch.example.com/api/v1/echo/${TOKEN}`,
    `https://DISPATCH.example.com:443/api/v1/echo/${TOKEN}?status=500&delayMs=1#x`,
    `http://localhost:4000/api/v1/echo/${TOKEN}`,
    `http://127.0.0.1:4000/api/v1/echo/${TOKEN}`,
    // In the form in which it is sent it is exactly that path.
    `http://127.0.0.1:4000/api/v1/projects/../echo/${TOKEN}`,
    `http://2130706433:4000/api/v1/x/%2e%2e/echo/${TOKEN}`,
    `http://localhost:4000/api/v1/echo/${TOKEN}?/../../me`,
  ])('is %s', (url) => {
    expect(owns(url)).toBe(true)
    expect(new URL(url).pathname).toBe(`/api/v1/echo/${TOKEN}`)
  })

  it.each([
    // Other routes of ours.
    'http://localhost:4000/api/v1/jobs',
    'http://localhost:4000/metrics',
    `http://localhost:4000/api/v1/echo/${TOKEN}/../../me`,
    `http://localhost:4000/api/v1/echo/${TOKEN}/..`,
    `http://localhost:4000/api/v1/echo/../me?${TOKEN}`,
    `http://localhost:4000/api/v1/echo/%2e%2e/projects`,
    `http://localhost:4000/api/v1/echo/..%2fprojects%2f${TOKEN}`,
    `http://localhost:4000/api/v1/echo/${TOKEN.slice(0, 40)}%2e%2e`,
    `http://localhost:4000/api/v1/echo/${TOKEN.slice(0, 40)}..%2f`,
    `http://localhost:4000/api/v1/echo/${TOKEN}%2f..%2f..%2fme`,
    `http://localhost:4000/api/v1/echo/${TOKEN};x`,
    `http://localhost:4000/api/v1/echo/${TOKEN}%00`,
    `http://localhost:4000/api/v1/echo/${TOKEN}%0d%0ax:%20y`,
    // Nearly the path.
    `http://localhost:4000//api/v1/echo/${TOKEN}`,
    `http://localhost:4000/api//v1/echo/${TOKEN}`,
    `http://localhost:4000/api/v1/echo//${TOKEN}`,
    `http://localhost:4000/api/v1/echo/${TOKEN}/`,
    `http://localhost:4000/API/v1/echo/${TOKEN}`,
    `http://localhost:4000/%61pi/v1/echo/${TOKEN}`,
    `http://localhost:4000/api/v1/echo/${TOKEN}x`,
    `http://localhost:4000/api/v1/echo/${TOKEN.slice(1)}`,
    `http://localhost:4000/api/v1/echo/`,
    `http://localhost:4000/x?/api/v1/echo/${TOKEN}`,
    `http://localhost:4000/x#/api/v1/echo/${TOKEN}`,
    // Other places.
    `http://localhost/api/v1/echo/${TOKEN}`,
    `http://localhost:4001/api/v1/echo/${TOKEN}`,
    `https://localhost:4000/api/v1/echo/${TOKEN}`,
    `http://dispatch.example.com/api/v1/echo/${TOKEN}`,
    `https://dispatch.example.com:8443/api/v1/echo/${TOKEN}`,
    `https://dispatch.example.com.evil.example/api/v1/echo/${TOKEN}`,
    `https://evil.example/api/v1/echo/${TOKEN}`,
    `http://localhost.:4000/api/v1/echo/${TOKEN}`,
    `http://a.localhost:4000/api/v1/echo/${TOKEN}`,
    `http://127.0.0.2:4000/api/v1/echo/${TOKEN}`,
    `http://[::1]:4000/api/v1/echo/${TOKEN}`,
    `http://[::ffff:127.0.0.1]:4000/api/v1/echo/${TOKEN}`,
    `http://169.254.169.254/api/v1/echo/${TOKEN}`,
    // Whose host is not what it seems.
    `http://localhost:4000@evil.example/api/v1/echo/${TOKEN}`,
    `http://user@localhost:4000/api/v1/echo/${TOKEN}`,
    `http://:secret@localhost:4000/api/v1/echo/${TOKEN}`,
    `ftp://localhost:4000/api/v1/echo/${TOKEN}`,
  ])('is not %s', (url) => {
    expect(owns(url)).toBe(false)
  })
})

describe('the origins of a server', () => {
  const origins = (address: string, port = 4000): string[] => [...ownOrigins('https://a.example/x/', { address, port })]

  it('are its public one and what reaches its listener on this machine', () => {
    expect(origins('0.0.0.0')).toEqual(['https://a.example', 'http://127.0.0.1:4000', 'http://localhost:4000'])
    expect(origins('::', 80)).toEqual(['https://a.example', 'http://127.0.0.1', 'http://localhost', 'http://[::1]'])
    expect(origins('::1')).toEqual(['https://a.example', 'http://[::1]:4000', 'http://localhost:4000'])
    expect(origins('192.168.1.5')).toEqual(['https://a.example', 'http://192.168.1.5:4000'])
    expect(origins('fd00::5')).toEqual(['https://a.example', 'http://[fd00::5]:4000'])
    expect([...ownOrigins('http://localhost:4000', '/run/dispatch.sock')]).toEqual(['http://localhost:4000'])
    expect([...ownOrigins('http://localhost:4000', null)]).toEqual(['http://localhost:4000'])
  })

  it('give the address of an echo, and what to dial', () => {
    expect(echoUrl('https://a.example/x/', TOKEN)).toBe(`https://a.example/api/v1/echo/${TOKEN}`)
    expect(dialTarget({ address: '0.0.0.0', port: 4 })).toEqual({ host: '127.0.0.1', port: 4 })
    expect(dialTarget({ address: '::', port: 4 })).toEqual({ host: '::1', port: 4 })
    expect(dialTarget({ address: '10.0.0.1', port: 4 })).toEqual({ host: '10.0.0.1', port: 4 })
    expect(dialTarget('/run/dispatch.sock')).toEqual({ path: '/run/dispatch.sock' })
  })
})
