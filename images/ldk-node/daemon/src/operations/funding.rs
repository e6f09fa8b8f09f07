//! Opening a channel, and changing its capacity.
use crate::app::{refusal, until, App};
use crate::books::Outcome;
use crate::operations::channels;
use crate::protocol::{fault, not_ready, rejected, Answer, Fault, Params};
use ldk_node::bitcoin::secp256k1::PublicKey;
use ldk_node::bitcoin::OutPoint;
use ldk_node::config::ChannelConfig;
use ldk_node::lightning::ln::msgs::SocketAddress;
use ldk_node::UserChannelId;
use serde_json::json;
use std::str::FromStr;
use std::time::Duration;

const NEGOTIATION_LIMIT: Duration = Duration::from_secs(15);
const BROADCAST_LIMIT: Duration = Duration::from_secs(4);

pub fn open(app: &App, mut params: Params) -> Answer {
    let peer = params.public_key()?;
    let amount_sat = params.amount("amountSat")?;
    let push_msat = params.amount_maybe("pushSat")?.map(|sat| sat.saturating_mul(1000));
    let announce = params.flag_maybe("announce")?.unwrap_or(true);
    check_type(app, params.text_maybe("type")?)?;
    params.refuse_rest()?;
    let address = address_of(app, peer)?;
    let config = app.settings.in_channel(ChannelConfig::default());
    let opened = match announce {
        true => app.node.open_announced_channel(peer, address, amount_sat, push_msat, Some(config)),
        false => app.node.open_channel(peer, address, amount_sat, push_msat, Some(config)),
    };
    let (channel_id, funding) = outcome(app, opened.map_err(refusal)?)?;
    note_anchors(app, &channel_id, amount_sat.saturating_mul(1000).saturating_sub(push_msat.unwrap_or(0)));
    let refused = format!("bitcoind did not take the funding transaction {}", funding.txid);
    until(BROADCAST_LIMIT, &refused, || app.chain.is_unspent(funding))?;
    Ok(json!({
        "channelId": channel_id,
        "fundingTxid": funding.txid.to_string(),
        "fundingOutputIndex": funding.vout,
    }))
}

/// Since 0.7 the balance that ldk-node tells lacks the anchors, but not whether the channel has any: its first balance shows it.
fn note_anchors(app: &App, channel_id: &str, balance_msat: u64) {
    let Ok(channel) = channels::find(app, channel_id) else { return };
    let told = channels::told_balance_msat(&channel).unwrap_or(balance_msat);
    if told + channels::ANCHORS_MSAT == balance_msat {
        app.books.change(|books| books.anchors.insert(channel.user_channel_id.0.to_string()));
    }
}

/// The type of a channel follows from the whole node's configuration and from what the peer can.
fn check_type(app: &App, wanted: Option<String>) -> Result<(), Fault> {
    let own = if app.settings.anchors { "anchors" } else { "static-remotekey" };
    match wanted {
        Some(wanted) if wanted != own => {
            Err(fault("not-offered", format!("type: this node opens channels of type {own} only")))
        }
        _ => Ok(()),
    }
}

/// Where `connect` found the peer, or else where it is connected from.
fn address_of(app: &App, peer: PublicKey) -> Result<SocketAddress, Fault> {
    let peers = app.node.list_peers();
    let connected = peers.into_iter().find(|found| found.is_connected && found.node_id == peer);
    let connected = connected.ok_or_else(|| not_ready("the peer is not connected"))?;
    let noted = app.books.read(|books| books.addresses.get(&peer.to_string()).cloned());
    let noted = noted.and_then(|text| SocketAddress::from_str(&text).ok());
    Ok(noted.unwrap_or(connected.address))
}

fn outcome(app: &App, channel: UserChannelId) -> Result<(String, OutPoint), Fault> {
    let key = channel.0.to_string();
    let outcome = app.books.wait(NEGOTIATION_LIMIT, |books| books.outcomes.get(&key).cloned());
    match outcome {
        Some(Outcome::Funded { channel_id, funding }) => Ok((channel_id, funding)),
        Some(Outcome::Failed(reason)) => Err(rejected(reason)),
        None => Err(fault("timeout", "the peer does not go on with the negotiation")),
    }
}

#[cfg(feature = "since-0-7")]
pub fn splice(app: &App, mut params: Params) -> Answer {
    let channel = channels::find(app, &params.text("channelId")?)?;
    let change_sat = params.parsed::<i64>("changeSat")?;
    params.refuse_rest()?;
    let (id, peer) = (channel.user_channel_id, channel.counterparty_node_id);
    app.books.change(|books| books.outcomes.remove(&id.0.to_string()));
    let spliced = if change_sat >= 0 {
        app.node.splice_in(&id, peer, change_sat.unsigned_abs())
    } else {
        let own = app.node.onchain_payment().new_address().map_err(refusal)?;
        app.node.splice_out(&id, peer, &own, change_sat.unsigned_abs())
    };
    spliced.map_err(refusal)?;
    let (_, funding) = outcome(app, id)?;
    let refused = format!("bitcoind did not take the splice transaction {}", funding.txid);
    until(BROADCAST_LIMIT, &refused, || app.chain.is_unspent(funding))?;
    Ok(json!({ "txid": funding.txid.to_string() }))
}

#[cfg(not(feature = "since-0-7"))]
pub fn splice(_: &App, _: Params) -> Answer {
    Err(fault("not-offered", "ldk-node 0.6 does not splice"))
}
