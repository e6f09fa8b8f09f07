import * as ldk from 'ldk-0.1.2';
import type { Context } from './context.ts';
import { handleChannelEvent } from './channel-events.ts';
import { handlePaymentEvent } from './payment-events.ts';
import { announceIfDue } from './identity.ts';
import { kindOf, keep, yes } from './ldk.ts';
import { saveManager } from './persistence.ts';

/** How long HTLCs are gathered before they are worked on together. */
const BATCH_MS = 10;
const PEER_TICK_MS = 10_000;
const CHANNEL_TICK_MS = 60_000;
const REBROADCAST_MS = 30_000;
/** Rust panics end a program with this code; inside WebAssembly they end only the call. */
const PANIC_EXIT_CODE = 101;

/** Drives LDK: it does nothing by itself, and must be let work after everything that it is told. */
export class EventLoop {
  readonly #context: () => Context;
  readonly #changed: () => void;
  readonly #queue: ldk.Event[] = [];
  readonly #handler: ldk.EventHandler;
  #pumping = false;
  #again = false;

  constructor(context: () => Context, changed: () => void) {
    this.#context = context;
    this.#changed = changed;
    this.#handler = keep(
      ldk.EventHandler.new_impl({
        // LDK must not be called from here: only noted, acted on afterwards.
        handle_event: (event) => {
          this.#queue.push(event.clone());
          return ldk.Result_NoneReplayEventZ.constructor_ok();
        },
      }),
    );
    this.#tick(PEER_TICK_MS, ({ peers }) => {
      peers.timer_tick_occurred();
    });
    this.#tick(CHANNEL_TICK_MS, ({ channels }) => {
      channels.timer_tick_occurred();
    });
    this.#tick(REBROADCAST_MS, ({ chainMonitor }) => {
      chainMonitor.rebroadcast_pending_claims();
    });
  }

  pump(): void {
    if (this.#pumping) {
      this.#again = true;
      return;
    }
    this.#pumping = true;
    try {
      do this.#turn(this.#context());
      while (this.#isUnfinished());
    } catch (error) {
      die(error);
    } finally {
      this.#pumping = false;
    }
    this.#context().waiters.turn();
    this.#changed();
  }

  #isUnfinished(): boolean {
    return this.#again;
  }

  #turn(context: Context): void {
    this.#again = false;
    const { peers, channels, chainMonitor, onions, store, records } = context;
    peers.process_events();
    channels.as_EventsProvider().process_pending_events(this.#handler);
    chainMonitor.as_EventsProvider().process_pending_events(this.#handler);
    onions.as_EventsProvider().process_pending_events(this.#handler);
    for (let event = this.#queue.shift(); event; event = this.#queue.shift()) {
      this.#again = true;
      this.#handle(context, event);
    }
    if (announceIfDue(context)) this.#again = true;
    context.waiters.onionError = undefined;
    peers.process_events();
    records.save();
    if (yes(channels.get_and_clear_needs_persistence())) saveManager(store, channels);
  }

  #handle(context: Context, event: ldk.Event): void {
    console.error(`DEBUG event ${kindOf(event)}`);
    if (event instanceof ldk.Event_PendingHTLCsForwardable) {
      setTimeout(() => {
        context.channels.process_pending_htlc_forwards();
        this.pump();
      }, BATCH_MS);
      return;
    }
    handleChannelEvent(context, event);
    handlePaymentEvent(context, event);
  }

  #tick(milliseconds: number, work: (context: Context) => void): void {
    setInterval(() => {
      try {
        work(this.#context());
      } catch (error) {
        die(error);
      }
      this.pump();
    }, milliseconds);
  }
}

/** After a panic LDK's state is not to be trusted, and an error of our own must not look like a node that works. */
function die(error: unknown): never {
  console.error(error instanceof Error ? error.stack : String(error));
  const panicked = error instanceof Error && error.name === 'RuntimeError';
  console.error(panicked ? 'ERROR LDK panicked' : 'ERROR the shell around LDK failed');
  process.exit(panicked ? PANIC_EXIT_CODE : 1);
}
