/**
 * BOLT 1 forbids undefined bits. Defined are those of BOLT 9's table; the rest that a node may set without breaking that sentence is
 * here, read in the node's favour:
 *
 * - what bLIP 2 reserves (a bLIP defines them),
 * - what earlier revisions of BOLT 9 defined (2/3 initial_routing_sync, 20/21 option_anchor_outputs): a node that still sets
 *   them means what they meant,
 * - everything from 256 up: bLIP 2 keeps 0 to 255 for the BOLTs and leaves the others to whoever defines them.
 *
 * What is left is a bit that belongs to the BOLTs and that no BOLT has given a meaning.
 */
const FIRST_CUSTOM_BIT = 256;
const ASSIGNED_PAIRS = new Set([2, 20, 54]);

export const isAssignedElsewhere = (bit: number): boolean =>
  bit >= FIRST_CUSTOM_BIT || ASSIGNED_PAIRS.has(bit - (bit % 2));
