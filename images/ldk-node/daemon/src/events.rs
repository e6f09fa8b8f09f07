//! Events of ldk-node go to the books, one after the other; it repeats what was not acknowledged.
use crate::app::App;
use crate::books::{Closed, Content, Outcome, MAX_FORWARDS};
use crate::log;
use crate::operations::channels;
use crate::protocol::{changed, known};
use ldk_node::bitcoin::hex::DisplayHex;
use ldk_node::bitcoin::secp256k1::PublicKey;
use ldk_node::{Event, UserChannelId};
use serde_json::{json, Value};

pub fn follow(app: &App) -> ! {
    loop {
        let event = app.node.wait_next_event();
        eprintln!("INFO event {event:?}");
        handle(app, event);
        if let Err(error) = app.node.event_handled() {
            eprintln!("ERROR event_handled: {error:?}");
        }
        changed();
    }
}

fn handle(app: &App, event: Event) {
    match event {
        Event::PaymentFailed { payment_id, payment_hash, reason } => {
            let id = payment_id.map(|id| id.0).or(payment_hash.map(|hash| hash.0));
            let Some(id) = id.map(|id| id.to_lower_hex_string()) else { return };
            let word = reason.map_or("unknown".to_string(), |reason| format!("{reason:?}"));
            app.books.change(|books| note_failure(books, &id, word));
        }
        Event::PaymentSuccessful { .. } => app.books.change(|_| ()),
        Event::PaymentReceived { payment_hash, amount_msat, .. } => {
            let hash = payment_hash.0.to_lower_hex_string();
            app.books.change(|books| {
                let received = books.received.entry(hash).or_default();
                received.held = false;
                received.amount_msat = Some(amount_msat);
            });
        }
        Event::PaymentClaimable { payment_hash, claimable_amount_msat, .. } => {
            let hash = payment_hash.0.to_lower_hex_string();
            let cancelled = app.books.change(|books| {
                let received = books.received.entry(hash).or_default();
                received.held = !received.cancelled;
                received.amount_msat = Some(claimable_amount_msat);
                received.cancelled
            });
            if cancelled {
                // The invoice was voided: whoever pays it all the same gets the money back.
                let failed = app.node.bolt11_payment().fail_for_hash(payment_hash);
                eprintln!("INFO payment to a cancelled invoice: {failed:?}");
            }
        }
        Event::PaymentForwarded {
            prev_channel_id,
            next_channel_id,
            total_fee_earned_msat,
            outbound_amount_forwarded_msat,
            ..
        } => {
            let forward = known(json!({
                "incomingChannelId": prev_channel_id.0.to_lower_hex_string(),
                "outgoingChannelId": next_channel_id.0.to_lower_hex_string(),
                "state": "settled",
                "feeMsat": total_fee_earned_msat.map(|msat| msat.to_string()),
                "outgoingMsat": outbound_amount_forwarded_msat.map(|msat| msat.to_string()),
            }));
            app.books.change(|books| {
                books.forwards.push(forward);
                let surplus = books.forwards.len().saturating_sub(MAX_FORWARDS);
                books.forwards.drain(..surplus);
            });
        }
        Event::ChannelPending { channel_id, user_channel_id, counterparty_node_id, funding_txo, .. } => {
            configure(app, &user_channel_id, counterparty_node_id);
            app.books.look(channels::views(app));
            let outcome =
                Outcome::Funded { channel_id: channel_id.0.to_lower_hex_string(), funding: funding_txo };
            app.books.change(|books| books.outcomes.insert(user_channel_id.0.to_string(), outcome));
        }
        Event::ChannelReady { user_channel_id, .. } => {
            app.books.change(|books| books.ready.insert(user_channel_id.0.to_string()));
        }
        Event::ChannelClosed { channel_id, user_channel_id, counterparty_node_id, reason } => {
            let id = channel_id.0.to_lower_hex_string();
            let reason = reason.map_or("unknown".to_string(), |reason| reason.to_string());
            let height = app.node.status().current_best_block.height;
            app.books.change(|books| {
                let failed = Outcome::Failed(reason.clone());
                books.outcomes.insert(user_channel_id.0.to_string(), failed);
                books.ready.remove(&user_channel_id.0.to_string());
                let peer = counterparty_node_id.map(|key| key.to_string());
                let channel = closed_view(books.seen.remove(&id), &id, peer, &reason);
                // The block that holds its commitment transaction may be why it was closed.
                let closed = Closed { channel, next_block: height };
                books.closed.insert(id, closed);
            });
        }
        #[cfg(feature = "since-0-7")]
        Event::SplicePending { channel_id, user_channel_id, new_funding_txo, .. } => {
            let outcome =
                Outcome::Funded { channel_id: channel_id.0.to_lower_hex_string(), funding: new_funding_txo };
            app.books.change(|books| books.outcomes.insert(user_channel_id.0.to_string(), outcome));
        }
        #[cfg(feature = "since-0-7")]
        Event::SpliceFailed { user_channel_id, .. } => {
            let failed = Outcome::Failed("the splice failed".to_string());
            app.books.change(|books| books.outcomes.insert(user_channel_id.0.to_string(), failed));
        }
    }
}

/// A channel that a peer opened has ldk-node's defaults until here.
fn configure(app: &App, id: &UserChannelId, peer: PublicKey) {
    let channels = app.channels();
    let Some(channel) = channels.iter().find(|channel| channel.user_channel_id == *id) else { return };
    let config = app.settings.in_channel(channel.config.clone());
    if config != channel.config {
        let updated = app.node.update_channel_config(id, peer, config);
        eprintln!("INFO channel configured: {updated:?}");
    }
}

/// `word` is ldk-node's; the onion error is put to it where one was read while no other payment was under way.
pub fn note_failure(books: &mut Content, id: &str, word: String) {
    let mut failure = json!({ "reason": word });
    let before = books.onion_errors_before.remove(id);
    if let (Some(before), (now, Some(error))) = (before, log::onion_errors()) {
        if now > before {
            failure["erringNode"] = error["erringNode"].clone();
            failure["failureCode"] = error["failureCode"].clone();
        }
    }
    books.failures.insert(id.to_string(), failure);
}

/// A channel as it looked last, closed. What is true of a live one only is left out.
fn closed_view(seen: Option<Value>, id: &str, peer: Option<String>, reason: &str) -> Value {
    let mut view = seen.unwrap_or_else(|| json!({ "channelId": id, "peer": peer }));
    if let Value::Object(fields) = &mut view {
        for live in ["outboundMsat", "inboundMsat", "confirmations"] {
            fields.remove(live);
        }
    }
    view["state"] = json!("closed");
    view["usable"] = json!(false);
    view["reason"] = json!(reason);
    view
}
