/** Origin of the API; empty = ours. */
export const API_URL: string = __API_URL__
