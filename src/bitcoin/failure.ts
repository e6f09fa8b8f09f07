/** Thrown while a script runs; `message` is bitcoind's words for it. */
export class ScriptFailure extends Error {}
