import * as ldk from 'ldk-0.1.2';
import { internal, keep } from './ldk.ts';
import { transactionOfPsbt } from './bitcoin.ts';
import type { Wallet } from './wallet.ts';

/** Of a P2WPKH input: an empty script, and the witness with a signature of 72 bytes and a key. */
const SATISFACTION_WEIGHT = 4n + 109n;

/** The wallet as LDK wants it to pay for anchors and HTLC transactions. */
export function walletSource(wallet: Wallet): ldk.WalletSource {
  return keep(
    ldk.WalletSource.new_impl({
      list_confirmed_utxos: () =>
        ldk.Result_CVec_UtxoZNoneZ.constructor_ok(
          wallet
            .spendable()
            .map(({ txid, vout, amountSat }) =>
              ldk.Utxo.constructor_new(
                ldk.OutPoint.constructor_new(internal(txid), vout),
                ldk.TxOut.constructor_new(amountSat, wallet.script),
                SATISFACTION_WEIGHT,
              ),
            ),
        ),
      get_change_script: () => ldk.Result_CVec_u8ZNoneZ.constructor_ok(wallet.script),
      sign_psbt: (psbt) =>
        ldk.Result_TransactionNoneZ.constructor_ok(wallet.signOwn(transactionOfPsbt(psbt)).raw),
    }),
  );
}
