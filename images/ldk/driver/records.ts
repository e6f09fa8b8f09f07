import type { Channel, Forward, Payment } from 'boltgrid/driver';
import { fromJson, toJson, type Store } from './store.ts';

export interface InvoiceRecord {
  state: 'unpaid' | 'held' | 'paid' | 'cancelled';
  receivedMsat?: bigint;
  preimage?: string;
}

interface Content {
  payments: [string, Payment][];
  invoices: [string, InvoiceRecord][];
  closed: [string, Channel][];
  forwards: Forward[];
  identity: { alias: string; color: string };
  sweeps: string[];
}

const FILE = 'records.json';
const MAX_FORWARDS = 1000;

/** What LDK tells once in an event and does not keep: the node's own books. */
export class Records {
  readonly payments: Map<string, Payment>;
  readonly invoices: Map<string, InvoiceRecord>;
  /** By channel id. */
  readonly closed: Map<string, Channel>;
  readonly forwards: Forward[];
  identity: Content['identity'];
  /** Raw transactions that sweep outputs of closed channels to the wallet. */
  readonly sweeps: Set<string>;
  readonly #store: Store;
  #dirty = false;

  constructor(store: Store) {
    this.#store = store;
    const file = store.read(FILE);
    const content = file && (fromJson(Buffer.from(file).toString('utf8')) as Content);
    this.payments = new Map(content?.payments);
    this.invoices = new Map(content?.invoices);
    this.closed = new Map(content?.closed);
    this.forwards = content?.forwards ?? [];
    this.identity = content?.identity ?? { alias: 'boltgrid', color: '000000' };
    this.sweeps = new Set(content?.sweeps);
  }

  changed(): void {
    this.#dirty = true;
  }

  addForward(forward: Forward): void {
    this.forwards.push(forward);
    if (this.forwards.length > MAX_FORWARDS) this.forwards.shift();
    this.changed();
  }

  save(): void {
    if (!this.#dirty) return;
    this.#dirty = false;
    this.#store.write(
      FILE,
      toJson({
        payments: [...this.payments],
        invoices: [...this.invoices],
        closed: [...this.closed],
        forwards: this.forwards,
        identity: this.identity,
        sweeps: [...this.sweeps],
      } satisfies Content),
    );
  }
}
