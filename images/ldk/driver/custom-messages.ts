import * as ldk from 'ldk-0.1.2';
import { keep, unhex } from './ldk.ts';

/** Messages of types that LDK does not know: those that are sent by hand, and none that are read. */
export class CustomMessages {
  readonly handler: ldk.CustomMessageHandler;
  #queued: ldk.TwoTuple_PublicKeyTypeZ[] = [];

  constructor() {
    this.handler = keep(
      ldk.CustomMessageHandler.new_impl(
        {
          handle_custom_message: () => ldk.Result_NoneLightningErrorZ.constructor_ok(),
          get_and_clear_pending_msg: () => {
            const messages = this.#queued;
            this.#queued = [];
            return messages;
          },
          peer_disconnected: () => undefined,
          peer_connected: () => ldk.Result_NoneNoneZ.constructor_ok(),
          provided_node_features: () => ldk.NodeFeatures.constructor_empty(),
          provided_init_features: () => ldk.InitFeatures.constructor_empty(),
        },
        {
          read: () =>
            ldk.Result_COption_TypeZDecodeErrorZ.constructor_ok(ldk.Option_TypeZ.constructor_none()),
        },
      ),
    );
  }

  queue(publicKey: string, type: number, payload: string): void {
    const message = keep(
      ldk.Type.new_impl({
        type_id: () => type,
        debug_str: () => `custom message ${type}`,
        write: () => unhex(payload),
      }),
    );
    this.#queued.push(ldk.TwoTuple_PublicKeyTypeZ.constructor_new(unhex(publicKey), message));
  }
}
