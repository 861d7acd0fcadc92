/** The demo cannot be shown; the message says why, and what to do. */
export class DemoError extends Error {}
