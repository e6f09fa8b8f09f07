import { z } from 'zod';
import * as v from '../operation-values.ts';
import { control } from './shape.ts';

export const channelsOperations = {
  /**
   * Opens a channel with a connected peer from the wallet's coins. Complete when the funding transaction was broadcast: then
   * funding_signed has come. Every call opens another. `rejected`: the peer or the node refuses, funds missing;
   * `not-ready`: not connected.
   */
  open: control(
    z.strictObject({
      publicKey: v.publicKey,
      amountSat: v.amount,
      pushSat: v.amount.optional(),
      /** Whether to announce the channel; the node's own default when not given. */
      announce: z.boolean().optional(),
      type: z.enum(['static-remotekey', 'anchors']).optional(),
      /** Of the funding transaction. */
      feeratePerKw: v.feeratePerKw.optional(),
      /** channel_reserve_satoshis that we ask of the peer. */
      reserveSat: v.amount.optional(),
      /** upfront_shutdown_script as an address. */
      upfrontShutdownAddress: z.string().optional(),
    }),
    z.strictObject({
      channelId: v.channelId,
      fundingTxid: v.txid,
      fundingOutputIndex: z.number().int().min(0),
    }),
    20_000,
  ),

  /** All channels, pending and closed ones too. Reads only. */
  channels: control(v.nothing, z.strictObject({ channels: z.array(v.channel) })),

  /** What is not given stays. Complete when the node applies it and has queued its channel_update. Idempotent. */
  setPolicy: control(
    z.strictObject({
      channelId: v.channelId,
      feeBaseMsat: v.amount.optional(),
      feeProportionalMillionths: v.blockCount.optional(),
      cltvExpiryDelta: v.blockCount.optional(),
      htlcMinimumMsat: v.amount.optional(),
      htlcMaximumMsat: v.amount.optional(),
      enabled: z.boolean().optional(),
      /** The vendor's own settings, as the manifest documents them. */
      extra: z.record(z.string(), z.string()).optional(),
    }),
    v.nothing,
  ),

  /**
   * Cooperative close. Complete when the node began it (shutdown is queued); how it ends is seen in `channels`. A second call
   * may be `rejected`.
   */
  close: control(
    z.strictObject({
      channelId: v.channelId,
      address: z.string().optional(),
      feeratePerKw: v.feeratePerKw.optional(),
      maxFeeratePerKw: v.feeratePerKw.optional(),
    }),
    v.nothing,
  ),

  /**
   * Complete when the commitment transaction was handed to the chain backend, which refuses it when the peer's own is there
   * already. The node sweeps its outputs by itself as blocks come.
   */
  forceClose: control(z.strictObject({ channelId: v.channelId }), v.nothing),

  /** Adds to (or takes from) the capacity. Complete when the splice transaction was broadcast. */
  splice: control(
    z.strictObject({
      channelId: v.channelId,
      changeSat: v.signedAmount,
      feeratePerKw: v.feeratePerKw.optional(),
    }),
    z.strictObject({ txid: v.txid }),
    20_000,
  ),

  /** Raises the feerate of a transaction of the node that waits in the mempool. Complete when the new one was broadcast. */
  bumpFee: control(
    z.strictObject({ txid: v.txid, feeratePerKw: v.feeratePerKw }),
    z.strictObject({ txid: v.txid }),
  ),
} as const;
