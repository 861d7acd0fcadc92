import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import type { Plugin } from 'vite'

const COMPRESSIBLE = /\.(js|css|html|svg|md|webmanifest)$/

/** Leaves a `.br` and a `.gz` beside each text file, so that no server has to compress while it answers. */
export function compressFiles(): Plugin {
  let folder = ''
  let isWritten = false
  return {
    name: 'dispatch-compress-files',
    apply: 'build',
    configResolved(config) {
      folder = resolve(config.root, config.build.outDir)
    },
    writeBundle() {
      isWritten = true
    },
    // After `public/` was copied too.
    closeBundle() {
      // After a build that failed there may be no folder; its own error is what is to be read.
      if (!isWritten) return
      for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
        if (!COMPRESSIBLE.test(name)) continue
        const file = join(folder, name)
        const content = readFileSync(file)
        const params = { [constants.BROTLI_PARAM_SIZE_HINT]: content.length }
        writeFileSync(`${file}.br`, brotliCompressSync(content, { params }))
        writeFileSync(`${file}.gz`, gzipSync(content, { level: 9 }))
      }
    },
  }
}
