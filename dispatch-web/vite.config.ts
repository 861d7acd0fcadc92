import { fileURLToPath } from 'node:url'
import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig, loadEnv } from 'vite'
import { compressFiles } from './build/compress.ts'
import { describeBuild } from './build/describe.ts'
import { documents } from './build/documents.ts'

/** Of the guide's name and Vite's own, from the environment or `.env.local`. */
const ENV_PREFIXES = ['VITE_', 'NEXT_PUBLIC_']
/** Where `npm start` in the folder above listens. */
const API_IN_DEVELOPMENT = 'http://localhost:4000'

export default defineConfig(({ command, mode }) => {
  // Whatever the shell or a test runner says: with another value the bundle would hold React's development half.
  if (command === 'build') process.env['NODE_ENV'] = 'production'
  const root = fileURLToPath(new URL('./', import.meta.url))
  const env = loadEnv(mode, root, ENV_PREFIXES)
  const given = env['VITE_API_URL'] || env['NEXT_PUBLIC_API_URL']
  const apiUrl = given || (command === 'serve' ? API_IN_DEVELOPMENT : '')
  return {
    root,
    // Nothing of the environment but what is defined here gets into the bundle.
    envPrefix: ['DISPATCH_WEB_'],
    define: { __API_URL__: JSON.stringify(apiUrl.replace(/\/+$/, '')) },
    plugins: [react(), tailwindcss(), documents(), describeBuild(apiUrl), compressFiles()],
    server: { port: 3000, strictPort: true },
    build: {
      target: 'es2022',
      // The content security policy takes files only.
      assetsInlineLimit: 0,
      reportCompressedSize: false,
      license: { fileName: 'licenses.md' },
    },
  }
})
