/** Webhooks are sent where their author says: these are places they must not go, in the spellings that have fooled others. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { databases } from '../../testing/databases.js'
import { later, openTestApi, type TestApi, type TestProject } from '../testing/test-api.js'

let api: TestApi
let project: TestProject
beforeAll(async () => {
  api = await openTestApi(databases[0]!)
  project = await api.project(await api.signUp())
})
afterAll(() => api.close())

const create = (webhookUrl: unknown) =>
  api.call({ method: 'POST', path: '/jobs', key: project.key, body: { title: 'x', webhookUrl, fireAt: later(api) } })

describe('a webhook URL', () => {
  it.each([
    'http://127.0.0.1/',
    'http://127.1/',
    'http://0x7f.1/',
    'http://0x7f000001/',
    'http://2130706433/',
    'http://017700000001/',
    'http://0177.0.0.01/',
    'http://127.0.0.1./',
    'http://%31%32%37.0.0.1/',
    'http://127。0。0。1/',
    'http://①②⑦.⓪.⓪.①/',
    'http://１２７.0.0.1/',
    'http://0/',
    'http://0.0.0.0/',
    'http://localhost/',
    'http://LOCALHOST./',
    'http://a.localhost/',
    'http://ⓛocalhost/',
    'http://loc%61lhost/',
    'http://[::1]/',
    'http://[::]/',
    'http://[0:0:0:0:0:0:0:1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[::127.0.0.1]/',
    'http://[::ffff:0:127.0.0.1]/',
    'http://[64:ff9b::7f00:1]/',
    'http://[64:ff9b:1::7f00:1]/',
    'http://[2002:7f00:1::]/',
    'http://[2001:0:1::80ff:fffe]/',
    'http://[fe80::1]/',
    'http://[fd00::1]/',
    'http://[ff02::1]/',
    'http://[2001:db8::1]/',
    'http://169.254.169.254/latest/meta-data/',
    'http://[fd00:ec2::254]/',
    'http://100.100.100.200/',
    'http://192.0.0.192/',
    'http://10.0.0.1/',
    'http://172.16.0.1/',
    'http://192.168.0.1/',
    'http://100.64.0.1/',
    'http://198.18.0.1/',
    'http://224.0.0.1/',
    'http://240.0.0.1/',
    'http://255.255.255.255/',
    'https://127.0.0.1:443/',
    'http://127.0.0.1:22/',
  ])('may not lead into the network: %s', async (url) => {
    const answer = await create(url)
    expect([answer.status, answer.headers['x-error-code']]).toEqual([400, 'ADDRESS_NOT_ALLOWED'])
  })

  it.each([
    'http://user:password@example.com/',
    'http://user@example.com/',
    'http://example.com@127.0.0.1/',
    String.raw`http://example.com\@127.0.0.1/`,
    String.raw`http:\\127.0.0.1\ `,
    'http:127.0.0.1',
    'http:/127.0.0.1',
    'http://[fe80::1%25eth0]/',
    'http://[::1%lo]/',
    'http://example.com:0/',
    'http://example.com:65536/',
    'http://',
    'http:///x',
    'http://exa mple.com/',
    'http://example.com/\r\nx: y',
    'http://exam\tple.com/',
    '\u0000http://example.com',
    ' http://example.com',
    'http://example.com/\ud800',
    'ftp://example.com/',
    'file:///etc/passwd',
    'gopher://127.0.0.1:25/',
    'javascript:alert(1)',
    'data:text/plain,x',
    'unix:/var/run/docker.sock',
    'http://xn--/',
    'http://256.256.256.256/',
    'http://1.2.3.4.5/',
    'http://example.com:8o/',
    ['http://example.com'],
    null,
  ])('is refused in words: %j', async (url) => {
    const answer = await create(url)
    expect([answer.status, answer.headers['x-error-code']]).toEqual([400, 'VALIDATION'])
    expect(answer.json.message).toContain('webhookUrl: expected')
    expect(answer.text).not.toContain('password@')
  })

  it.each([
    'https://example.com/hook',
    'http://EXAMPLE.com:8080/a?b=c#@127.0.0.1',
    'http://example.com./',
    'https://例え.jp/',
    'http://93.184.216.34/',
    'http://[2606:2800:220:1::1]/',
    'http://127.0.0.1.example.com/',
  ])('may lead elsewhere; names are judged when they are resolved: %s', async (url) => {
    const answer = await create(url)
    expect([answer.status, answer.json.data?.webhookUrl]).toEqual([201, url])
  })
})
