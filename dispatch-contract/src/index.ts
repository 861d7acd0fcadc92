/**
 * The HTTP API as schemas and types. Each check's message says in words what was expected ("a text of 1 to 100
 * characters"), so that an answer can be put together as "<field>: expected <this>, got <that>".
 */
export * from './account.js'
export * from './echo.js'
export * from './envelope.js'
export * from './events.js'
export * from './job.js'
export * from './job-actions.js'
export * from './job-export.js'
export * from './project.js'
export * from './setup.js'
export * from './stats.js'
export { isoInstant } from './text.js'
