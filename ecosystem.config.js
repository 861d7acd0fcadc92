// PM2 keeps Dispatch alive. Once, in this folder (settings are in .env; `npx dispatch config` checks them):
//
//   npm run build
//   pm2 start ecosystem.config.js && pm2 save && pm2 startup      (then run the command that the last one prints)
//
// One process is enough for one machine, and serves the dashboard too. Several need a database server, and a line each in the
// `upstream` of deploy/nginx.conf; they take the ports from PORT upwards:
//
//   API_PROCESSES=2 pm2 start ecosystem.config.js
//
// After an upgrade restart one after the other, so that one always answers: pm2 restart api-dispatch --parallel 1
import process from 'node:process'

const { API_PROCESSES = '1', PORT = '4000' } = process.env
const processes = Number(API_PROCESSES)
if (!(Number.isInteger(processes) && processes > 0)) {
  throw new Error(`API_PROCESSES: expected a whole number from 1; found "${API_PROCESSES}"`)
}

export const apps = [
  {
    name: 'api-dispatch',
    cwd: import.meta.dirname,
    // Not through npm: signals and exit codes are the server's own.
    script: 'dispatch-backend/dist/main.js',
    exec_mode: 'fork',
    instances: processes,
    // One alone listens on the PORT of .env, which a PORT from here would outvote.
    ...(processes > 1 && { increment_var: 'PORT' }),
    env: { NODE_ENV: 'production', ...(processes > 1 && { PORT }) },
    // None of PM2's probes inside of our process.
    pmx: false,
    autorestart: true,
    // The configuration has mistakes, which a restart does not mend.
    stop_exit_codes: [78],
    // A stop takes as long as the slowest webhook in flight (DELIVERY_TIMEOUT, 30 s), and three times SHUTDOWN_TIMEOUT (30 s) at
    // most; only then may PM2 kill.
    kill_timeout: 100_000,
    // It says when it is ready. Until then a database server may be starting beside it, for which it waits a minute.
    wait_ready: true,
    listen_timeout: 90_000,
    time: true,
  },
]
