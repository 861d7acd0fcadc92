import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { Readable, Transform, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { UsageError } from './new-job.js'

/**
 * Writes the bytes to the file and answers how many there were; `-` is `stdout`. A file is written beside its name and gets it
 * when all is there: half an export must not be found under it. Throws `UsageError` when the file cannot be written, and
 * what `bytes` throws.
 */
export async function writeExport(
  bytes: AsyncIterable<Uint8Array>,
  output: string,
  stdout: NodeJS.WritableStream,
): Promise<number> {
  let count = 0
  const counter = new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      count += chunk.byteLength
      done(null, chunk)
    },
  })
  if (output === '-') {
    await pipeline(Readable.from(bytes), counter, stdout, { end: false }).catch((error: unknown) => {
      // Who reads our output may have seen enough (`… | head`): no failure.
      if (!hasCode(error, 'EPIPE')) throw error
    })
    return count
  }
  const partial = `${output}.part`
  try {
    await pipeline(Readable.from(bytes), counter, openFile(partial))
    await rename(partial, output)
    return count
  } catch (error) {
    await rm(partial, { force: true }).catch(() => undefined)
    throw explain(error, output)
  }
}

function openFile(path: string): Writable {
  return createWriteStream(path, { mode: 0o600 })
}

function explain(error: unknown, output: string): unknown {
  return error instanceof Error && 'syscall' in error && 'path' in error
    ? new UsageError(`Cannot write ${output}: ${error.message}`)
    : error
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
