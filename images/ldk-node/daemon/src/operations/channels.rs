//! Channels: what is known of them, their policy, their end.
use crate::app::{refusal, until, App};
use crate::protocol::{known, rejected, Answer, Fault, Params};
use ldk_node::bitcoin::hex::DisplayHex;
use ldk_node::bitcoin::OutPoint;
use ldk_node::ChannelDetails;
use serde_json::{json, Value};
use std::collections::HashSet;
use std::time::Duration;

/// Two outputs of 330 sat, which the opener pays for (BOLT 3).
pub const ANCHORS_MSAT: u64 = 2 * 330 * 1000;
const BROADCAST_LIMIT: Duration = Duration::from_secs(8);

pub fn channels(app: &App) -> Answer {
    find_closing_transactions(app);
    let (open, mut all): (HashSet<String>, Vec<Value>) = views(app).unzip();
    app.books.read(|books| {
        // Gone already, and the event that says why has not come yet.
        let gone = books.seen.iter().filter(|(id, _)| !open.contains(*id) && !books.closed.contains_key(*id));
        all.extend(gone.map(|(_, last)| closing(last.clone())));
        all.extend(books.closed.values().map(|closed| closed.channel.clone()));
    });
    Ok(json!({ "channels": all }))
}

fn closing(mut channel: Value) -> Value {
    channel["state"] = json!("closing");
    channel["usable"] = json!(false);
    channel
}

/// The channels that ldk-node lists, by channel id.
pub fn views(app: &App) -> impl Iterator<Item = (String, Value)> {
    let channels = app.channels();
    let (ready, anchors) = app.books.read(|books| (books.ready.clone(), books.anchors.clone()));
    channels.into_iter().map(move |channel| {
        let key = channel.user_channel_id.0.to_string();
        let anchors_msat = if anchors.contains(&key) { ANCHORS_MSAT } else { 0 };
        (id_of(&channel), view(&channel, ready.contains(&key), anchors_msat))
    })
}

pub fn id_of(channel: &ChannelDetails) -> String {
    channel.channel_id.0.to_lower_hex_string()
}

/// The open channel with an id; `rejected` when there is none.
pub fn find(app: &App, channel_id: &str) -> Result<ChannelDetails, Fault> {
    let channels = app.channels();
    let found = channels.into_iter().find(|channel| id_of(channel) == channel_id);
    found.ok_or_else(|| rejected(format!("no open channel {channel_id}")))
}

/// What is above our reserve, and the reserve. Below it ldk-node does not tell what there is.
pub fn told_balance_msat(channel: &ChannelDetails) -> Option<u64> {
    let outbound = channel.outbound_capacity_msat;
    (outbound > 0).then(|| outbound + channel.unspendable_punishment_reserve.unwrap_or(0) * 1000)
}

fn view(channel: &ChannelDetails, was_ready: bool, anchors_msat: u64) -> Value {
    let balance = told_balance_msat(channel).map(|told| told + anchors_msat);
    let text = |amount: Option<u64>| amount.map(|amount| amount.to_string());
    known(json!({
        "channelId": id_of(channel),
        "peer": channel.counterparty_node_id.to_string(),
        "state": state_of(channel, was_ready),
        "usable": channel.is_usable,
        "opener": if channel.is_outbound { "local" } else { "remote" },
        "announced": channel.is_announced,
        "capacitySat": channel.channel_value_sats.to_string(),
        "balanceMsat": text(balance),
        "outboundMsat": channel.outbound_capacity_msat.to_string(),
        "inboundMsat": channel.inbound_capacity_msat.to_string(),
        "fundingTxid": channel.funding_txo.map(|funding| funding.txid.to_string()),
        "fundingOutputIndex": channel.funding_txo.map(|funding| funding.vout),
        "confirmations": channel.confirmations,
        "confirmationsRequired": channel.confirmations_required,
        "shortChannelId": channel.short_channel_id.map(scid),
        "localAlias": channel.inbound_scid_alias.map(scid),
        "remoteAlias": channel.outbound_scid_alias.map(scid),
        "feeratePerKw": channel.feerate_sat_per_1000_weight,
        "localReserveSat": text(channel.unspendable_punishment_reserve),
        "remoteReserveSat": channel.counterparty_unspendable_punishment_reserve.to_string(),
        "toSelfDelay": channel.force_close_spend_delay,
        "feeBaseMsat": channel.config.forwarding_fee_base_msat.to_string(),
        "feeProportionalMillionths": channel.config.forwarding_fee_proportional_millionths,
        "cltvExpiryDelta": channel.config.cltv_expiry_delta,
    }))
}

/// ldk-node does not tell of a shutdown, but a channel is not ready any more from then on.
fn state_of(channel: &ChannelDetails, was_ready: bool) -> &'static str {
    match (channel.is_channel_ready, was_ready) {
        (true, _) => "open",
        (false, true) => "closing",
        (false, false) => "pending",
    }
}

/// LDK packs block, transaction and output into 24, 24 and 16 bits.
pub fn scid(packed: u64) -> String {
    format!("{}x{}x{}", packed >> 40, (packed >> 16) & 0xff_ffff, packed & 0xffff)
}

/// Which transaction spent the funding output of a closed channel, ldk-node does not tell: it is in the mempool, or in a block
/// since. Says whether one was found.
pub fn find_closing_transactions(app: &App) -> bool {
    let height = app.node.status().current_best_block.height;
    let open: Vec<(String, OutPoint, u32)> = app.books.read(|books| {
        let wanted = books.closed.iter().filter(|(_, closed)| closed.channel["closingTxid"].is_null());
        wanted
            .filter_map(|(id, closed)| Some((id.clone(), funding_of(&closed.channel)?, closed.next_block)))
            .collect()
    });
    let mut found_any = false;
    for (id, funding, next_block) in open {
        let Ok(found) = find_spender(app, funding, next_block, height) else { continue };
        if found.is_none() && next_block > height {
            continue;
        }
        found_any |= found.is_some();
        app.books.change(|books| {
            let Some(closed) = books.closed.get_mut(&id) else { return };
            closed.next_block = height + 1;
            if let Some(txid) = found {
                closed.channel["closingTxid"] = json!(txid);
            }
        });
    }
    found_any
}

fn find_spender(app: &App, funding: OutPoint, from: u32, to: u32) -> Result<Option<String>, String> {
    if let Some(txid) = app.chain.waiting_spender(funding)? {
        return Ok(Some(txid));
    }
    for height in from..=to {
        if let Some(txid) = app.chain.spender_in_block(height, funding)? {
            return Ok(Some(txid));
        }
    }
    Ok(None)
}

fn funding_of(channel: &Value) -> Option<OutPoint> {
    let txid = channel["fundingTxid"].as_str()?.parse().ok()?;
    let vout = channel["fundingOutputIndex"].as_u64()?.try_into().ok()?;
    Some(OutPoint { txid, vout })
}

pub fn set_policy(app: &App, mut params: Params) -> Answer {
    let channel = find(app, &params.text("channelId")?)?;
    let mut config = channel.config.clone();
    if let Some(base) = params.amount_maybe("feeBaseMsat")? {
        config.forwarding_fee_base_msat =
            base.try_into().map_err(|_| rejected("feeBaseMsat is too large"))?;
    }
    if let Some(proportional) = params.number_maybe("feeProportionalMillionths")? {
        config.forwarding_fee_proportional_millionths = proportional;
    }
    if let Some(delta) = params.number_maybe("cltvExpiryDelta")? {
        config.cltv_expiry_delta = delta;
    }
    params.refuse_rest()?;
    app.node
        .update_channel_config(&channel.user_channel_id, channel.counterparty_node_id, config)
        .map_err(refusal)?;
    Ok(json!({}))
}

pub fn close(app: &App, mut params: Params) -> Answer {
    let channel = find(app, &params.text("channelId")?)?;
    params.refuse_rest()?;
    app.node.close_channel(&channel.user_channel_id, channel.counterparty_node_id).map_err(refusal)?;
    Ok(json!({}))
}

pub fn force_close(app: &App, mut params: Params) -> Answer {
    let channel = find(app, &params.text("channelId")?)?;
    let reason = Some("closed on request".to_string());
    app.node
        .force_close_channel(&channel.user_channel_id, channel.counterparty_node_id, reason)
        .map_err(refusal)?;
    if let Some(funding) = channel.funding_txo {
        let late = "no commitment transaction reached bitcoind";
        until(BROADCAST_LIMIT, late, || Ok(!app.chain.is_unspent(funding)?))?;
    }
    Ok(json!({}))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_channel_ids_are_unpacked() {
        assert_eq!(scid((539_268 << 40) | (845 << 16) | 1), "539268x845x1");
        assert_eq!(scid(u64::MAX), "16777215x16777215x65535");
    }
}
