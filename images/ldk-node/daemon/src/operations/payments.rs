//! Paying: BOLT 11 and spontaneously; and what was paid and forwarded.
use crate::app::{refusal, App};
use crate::books::Content;
use crate::compat::{self, route_limits, Keysend};
use crate::events::note_failure;
use crate::log;
use crate::operations::invoices::preimage_of;
use crate::protocol::{fault, internal, known, rejected, Answer, Fault, Params};
use ldk_node::bitcoin::hashes::Hash;
use ldk_node::bitcoin::hex::{DisplayHex, FromHex};
use ldk_node::lightning::ln::channelmanager::PaymentId;
use ldk_node::lightning_invoice::Bolt11Invoice;
use ldk_node::lightning_types::payment::{PaymentHash, PaymentPreimage};
use ldk_node::payment::{PaymentDetails, PaymentDirection, PaymentKind, PaymentStatus};
use ldk_node::{CustomTlvRecord, NodeError};
use serde_json::{json, Map, Value};
use std::collections::HashMap;
use std::time::Duration;

/// A held invoice keeps the call waiting; whoever asked gives up long before.
const OUTCOME_LIMIT: Duration = Duration::from_secs(600);

pub fn pay(app: &App, mut params: Params) -> Answer {
    let text = params.text("invoice")?;
    let invoice = text.parse::<Bolt11Invoice>().map_err(|error| rejected(format!("invoice: {error:?}")))?;
    let amount_msat = params.amount_maybe("amountMsat")?;
    let limits = route_limits(params.amount_maybe("feeLimitMsat")?, params.number_maybe("maxParts")?);
    match (invoice.amount_milli_satoshis(), amount_msat) {
        (Some(_), Some(_)) => return Err(rejected("the invoice has an amount")),
        (None, None) => return Err(rejected("the invoice has no amount")),
        _ => {}
    }
    if invoice.is_expired() {
        return Err(rejected("the invoice has expired"));
    }
    let bolt11 = app.node.bolt11_payment();
    let id = PaymentId(invoice.payment_hash().to_byte_array());
    track(app, Some(id), || {
        Ok(match amount_msat {
            Some(msat) => bolt11.send_using_amount(&invoice, msat, limits),
            None => bolt11.send(&invoice, limits),
        })
    })
}

pub fn keysend(app: &App, mut params: Params) -> Answer {
    let payee = params.public_key()?;
    let amount_msat = params.amount("amountMsat")?;
    let limits = route_limits(params.amount_maybe("feeLimitMsat")?, None);
    let preimage = params.bytes32_maybe("preimage")?.map(PaymentPreimage);
    let records = custom_records(params.object_maybe("customRecords")?.unwrap_or_default())?;
    let keysend = Keysend { payee, amount_msat, limits, records, preimage };
    track(app, None, || compat::keysend(&app.node, keysend))
}

fn custom_records(records: Map<String, Value>) -> Result<Vec<CustomTlvRecord>, Fault> {
    let mut all = Vec::new();
    for (type_num, value) in records {
        let type_num = type_num.parse().map_err(|_| rejected("a custom record's type is too large"))?;
        let value = value.as_str().and_then(|hex| Vec::from_hex(hex).ok());
        let value = value.ok_or_else(|| internal("a custom record is not in hexadecimal"))?;
        all.push(CustomTlvRecord { type_num, value });
    }
    all.sort_by_key(|record| record.type_num);
    Ok(all)
}

/// Sends with `send` and waits for the outcome. `known` is the payment's id where it is known before.
pub fn track(
    app: &App,
    known: Option<PaymentId>,
    send: impl FnOnce() -> Result<Result<PaymentId, NodeError>, Fault>,
) -> Answer {
    let alone = !outgoing(app).iter().any(|payment| payment.status == PaymentStatus::Pending);
    let (before, _) = log::onion_errors();
    let id = match send()? {
        Ok(id) => id,
        Err(NodeError::PaymentSendingFailed) => failed_at_once(app, known)?,
        Err(error) => return Err(refusal(error)),
    };
    let text = id.0.to_lower_hex_string();
    app.books.change(|books| {
        books.sent.retain(|sent| *sent != text);
        books.sent.push(text.clone());
        match alone {
            true => drop(books.onion_errors_before.insert(text.clone(), before)),
            false => books.onion_errors_before.clear(),
        }
    });
    let outcome = app.books.wait(OUTCOME_LIMIT, |books| {
        let payment = app.node.payment(&id)?;
        match payment.status {
            PaymentStatus::Pending => None,
            PaymentStatus::Succeeded => Some(view(&payment, books)),
            PaymentStatus::Failed if books.failures.contains_key(&text) => Some(view(&payment, books)),
            PaymentStatus::Failed => None,
        }
    });
    outcome.ok_or_else(|| fault("timeout", "the outcome of the payment is not known"))
}

/// Where there is no route, ldk-node answers with an error, though it lists the payment as failed.
fn failed_at_once(app: &App, known: Option<PaymentId>) -> Result<PaymentId, Fault> {
    let refused = refusal(NodeError::PaymentSendingFailed);
    let (Some(id), true) = (known, refused.message.contains("RouteNotFound")) else {
        return Err(refused);
    };
    let text = id.0.to_lower_hex_string();
    app.books.change(|books| note_failure(books, &text, "RouteNotFound".to_string()));
    Ok(id)
}

pub fn outgoing(app: &App) -> Vec<PaymentDetails> {
    let all = app.node.list_payments_with_filter(|payment| {
        payment.direction == PaymentDirection::Outbound
            && !matches!(payment.kind, PaymentKind::Onchain { .. })
    });
    all
}

/// Oldest first; what the books do not know of goes to the end.
pub fn payments(app: &App) -> Answer {
    let mut all = outgoing(app);
    let listed: Vec<Value> = app.books.read(|books| {
        let order: HashMap<&String, usize> = books.sent.iter().zip(0..).collect();
        all.sort_by_key(|payment| {
            let id = payment.id.0.to_lower_hex_string();
            order.get(&id).copied().unwrap_or(usize::MAX)
        });
        all.iter().map(|payment| view(payment, books)).collect()
    });
    Ok(json!({ "payments": listed }))
}

pub fn forwards(app: &App) -> Answer {
    Ok(json!({ "forwards": app.books.read(|books| books.forwards.clone()) }))
}

fn view(payment: &PaymentDetails, books: &Content) -> Value {
    let id = payment.id.0.to_lower_hex_string();
    let state = match payment.status {
        PaymentStatus::Pending => "pending",
        PaymentStatus::Succeeded => "succeeded",
        PaymentStatus::Failed => "failed",
    };
    let failure = (state == "failed").then(|| books.failures.get(&id));
    let unknown = json!({ "reason": "unknown" });
    let hash = hash_of(&payment.kind).map(|hash| hash.0.to_lower_hex_string());
    known(json!({
        "paymentId": id,
        "paymentHash": hash,
        "state": state,
        "amountMsat": payment.amount_msat.map(|msat| msat.to_string()),
        "feeMsat": payment.fee_paid_msat.map(|msat| msat.to_string()),
        "preimage": preimage_of(&payment.kind).map(|preimage| preimage.0.to_lower_hex_string()),
        "failure": failure.map(|failure| failure.unwrap_or(&unknown)),
    }))
}

fn hash_of(kind: &PaymentKind) -> Option<PaymentHash> {
    match kind {
        PaymentKind::Onchain { .. } => None,
        PaymentKind::Bolt11 { hash, .. }
        | PaymentKind::Bolt11Jit { hash, .. }
        | PaymentKind::Spontaneous { hash, .. } => Some(*hash),
        PaymentKind::Bolt12Offer { hash, .. } | PaymentKind::Bolt12Refund { hash, .. } => *hash,
    }
}
