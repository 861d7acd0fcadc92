/** Downloads every job of a filter. Nothing is saved before all of it is there: half a file must not be taken for the whole. */
import type { ExportFormat } from 'dispatch-contract'
import { openFile } from '../../lib/api-client'
import { ApiError } from '../../lib/api-error'
import type { JobFilter } from './api'

export interface ExportRequest {
  readonly filter: Omit<JobFilter, 'page' | 'limit'>
  readonly format: ExportFormat
  /** Told now and then how much has come. */
  readonly onProgress: (bytes: number) => void
  readonly signal: AbortSignal
}

/** Pieces are handed to the browser this large: it keeps blobs out of the page's memory. */
const PIECE_BYTES = 4 * 1024 * 1024
const TOLD_EVERY_BYTES = 256 * 1024

/** Rejects with an `ApiError`; with the signal's reason when it aborts. */
export async function exportJobs({ filter, format, onProgress, signal }: ExportRequest): Promise<Blob> {
  const answer = await openFile({ path: '/jobs/export', query: { ...filter, format }, signal })
  const type = answer.headers.get('content-type') ?? 'application/octet-stream'
  try {
    return await collect(answer.body!.getReader(), type, onProgress)
  } catch (error) {
    signal.throwIfAborted()
    const message = 'The download broke off before all of it was here, so nothing was saved. Try again.'
    throw new ApiError({ code: 'BROKEN_OFF', status: answer.status, message, cause: error })
  }
}

async function collect(
  reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>,
  type: string,
  onProgress: (bytes: number) => void,
): Promise<Blob> {
  const pieces: Blob[] = []
  let chunks: Uint8Array<ArrayBuffer>[] = []
  let [bytes, loose, told] = [0, 0, 0]
  for (let { value } = await reader.read(); value; { value } = await reader.read()) {
    chunks.push(value)
    bytes += value.byteLength
    loose += value.byteLength
    if (loose >= PIECE_BYTES) {
      pieces.push(new Blob(chunks))
      ;[chunks, loose] = [[], 0]
    }
    if (bytes - told >= TOLD_EVERY_BYTES) {
      told = bytes
      onProgress(bytes)
    }
  }
  return new Blob([...pieces, ...chunks], { type })
}

/** Has the browser save it. */
export function saveFile(blob: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = name
  link.click()
  // The browser has begun to read by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}
