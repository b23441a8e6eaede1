/** What an event's data may hold: flat or nested plain JSON; no Date, no bigint, no undefined. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject
export type JsonObject = { readonly [key: string]: Json | undefined }
