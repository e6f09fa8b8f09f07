import type { Performers } from './performers.ts';

export const CHAIN_PERFORMERS: Performers = {
  newAddress: ({ desk }) => ({ address: desk.wallet.newAddress() }),
  balance: async ({ desk }) => {
    const coins = await desk.wallet.coins();
    const sumOf = (isConfirmed: boolean): bigint =>
      coins
        .filter(({ confirmations }) => confirmations > 0 === isConfirmed)
        .reduce((sum, { amountSat }) => sum + amountSat, 0n);
    return { confirmedSat: sumOf(true), unconfirmedSat: sumOf(false) };
  },
  utxos: async ({ desk }) => ({ utxos: [...(await desk.wallet.coins())] }),
  sendOnchain: async ({ desk }, { address, amountSat }) => ({
    txid: (await desk.chain.pay(address, amountSat)).txid,
  }),
  setFeerate: ({ desk }, { feeratePerKw }) => {
    desk.setFeerate(feeratePerKw);
    return { feeratePerKw };
  },
};
