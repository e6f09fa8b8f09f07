/** BOLT 1, "Connection Handling and Multiplexing". */
export interface ConnectionRules {
  /**
   * A peer that is connected has authenticated on another connection: "a single connection per peer" (bolt01-connection-01). The
   * newer one stays, since the older may be dead without our knowing.
   */
  second(): 'replace' | 'refuse' | 'keep-both';
}

export const CONNECTION_RULES: ConnectionRules = {
  second: () => 'replace',
};
