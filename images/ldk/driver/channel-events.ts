import * as ldk from 'ldk-0.1.2';
import { messageOf, OperationError, parseTransaction, type Channel } from 'boltgrid/driver';
import type { Context } from './context.ts';
import { displayed, errorText, failureOf, hex, kindOf, outpointOf, some, u128 } from './ldk.ts';

/** The life of channels: funding, acceptance, closing, and what comes back on chain. */
export function handleChannelEvent(context: Context, event: ldk.Event): void {
  if (event instanceof ldk.Event_FundingGenerationReady) fund(context, event);
  else if (event instanceof ldk.Event_OpenChannelRequest) accept(context, event);
  else if (event instanceof ldk.Event_ChannelPending) pending(context, event);
  else if (event instanceof ldk.Event_ChannelClosed) closed(context, event);
  else if (event instanceof ldk.Event_DiscardFunding) discard(context, event);
  else if (event instanceof ldk.Event_SpendableOutputs) sweep(context, event);
  else if (event instanceof ldk.Event_BumpTransaction) context.bumps.handle_event(event.bump_transaction);
}

function fund({ channels, wallet, fees, waiters }: Context, event: ldk.Event_FundingGenerationReady): void {
  const key = u128(event.user_channel_id).toString();
  const { temporary_channel_id: temporary, counterparty_node_id: peer } = event;
  try {
    const output = { amountSat: event.channel_value_satoshis, script: event.output_script };
    const transaction = wallet.pay(output, waiters.fundingFeerates.get(key) ?? fees.perKw);
    const failure = failureOf(channels.funding_transaction_generated(temporary, peer, transaction.raw));
    if (failure === undefined) return;
    wallet.release(transaction.txid);
    throw new OperationError('rejected', failure);
  } catch (error) {
    channels.force_close_without_broadcasting_txn(temporary, peer, 'the channel could not be funded');
    waiters.opens.reject(key, messageOf(error));
  }
}

function accept({ channels, settings }: Context, event: ldk.Event_OpenChannelRequest): void {
  const { temporary_channel_id: temporary, counterparty_node_id: peer } = event;
  const result = settings.zeroConf
    ? channels.accept_inbound_channel_from_trusted_peer_0conf(temporary, peer, 0n)
    : channels.accept_inbound_channel(temporary, peer, 0n);
  const failure = failureOf(result);
  if (failure !== undefined) console.error(`WARN channel not accepted: ${failure}`);
}

function pending({ waiters }: Context, event: ldk.Event_ChannelPending): void {
  waiters.opens.resolve(u128(event.user_channel_id).toString(), {
    channelId: hex(event.channel_id.get_a()),
    ...fundingOf(event.funding_txo),
  });
}

function fundingOf(funding: ldk.OutPoint) {
  const { txid: fundingTxid, vout: fundingOutputIndex } = outpointOf(funding);
  return { fundingTxid, fundingOutputIndex };
}

function closed({ records, waiters }: Context, event: ldk.Event_ChannelClosed): void {
  const reason = reasonText(event.reason);
  waiters.opens.reject(u128(event.user_channel_id).toString(), reason);
  const capacitySat = some<bigint>(event.channel_capacity_sats);
  const funding = event.channel_funding_txo as ldk.OutPoint | null;
  const channel: Channel = {
    channelId: hex(event.channel_id.get_a()),
    peer: hex(event.counterparty_node_id),
    state: 'closed',
    usable: false,
    reason,
    ...(capacitySat !== undefined && { capacitySat }),
    ...(funding && fundingOf(funding)),
  };
  records.closed.set(channel.channelId, channel);
  records.changed();
}

function reasonText(reason: ldk.ClosureReason): string {
  if (reason instanceof ldk.ClosureReason_CounterpartyForceClosed) {
    return `CounterpartyForceClosed: ${reason.peer_msg.get_a()}`;
  }
  return errorText(reason);
}

function discard({ wallet }: Context, event: ldk.Event_DiscardFunding): void {
  const info = event.funding_info;
  if (info instanceof ldk.FundingInfo_Tx) wallet.release(parseTransaction(info.transaction).txid);
  else if (info instanceof ldk.FundingInfo_OutPoint) wallet.release(displayed(info.outpoint.get_txid()));
}

/** What a closed channel leaves to us goes to the wallet. */
function sweep(
  { keys, wallet, fees, broadcaster, records }: Context,
  event: ldk.Event_SpendableOutputs,
): void {
  const spent = keys
    .as_OutputSpender()
    .spend_spendable_outputs(
      event.outputs,
      [],
      wallet.script,
      fees.perKw,
      ldk.Option_u32Z.constructor_none(),
    );
  if (!(spent instanceof ldk.Result_TransactionNoneZ_OK)) {
    console.error(`WARN outputs of ${event.outputs.map(kindOf).join(', ')} are not worth their fee`);
    return;
  }
  records.sweeps.add(hex(spent.res));
  records.changed();
  broadcaster.send(parseTransaction(spent.res)).catch(() => undefined);
}
