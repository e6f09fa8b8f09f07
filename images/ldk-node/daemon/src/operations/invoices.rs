//! Receiving with BOLT 11, and payments that are held.
use crate::app::{refusal, App};
use crate::books::Received;
use crate::protocol::{fault, known, not_ready, rejected, Answer, Fault, Params};
use ldk_node::bitcoin::hashes::{sha256, Hash};
use ldk_node::bitcoin::hex::DisplayHex;
use ldk_node::lightning::ln::channelmanager::PaymentId;
use ldk_node::lightning_invoice::{Bolt11Invoice, Bolt11InvoiceDescription, Description, Sha256};
use ldk_node::lightning_types::payment::{PaymentHash, PaymentPreimage};
use ldk_node::payment::{PaymentDetails, PaymentDirection, PaymentKind, PaymentStatus};
use serde_json::{json, Value};

const DEFAULT_EXPIRY_SECONDS: u32 = 3600;

struct Terms {
    amount_msat: Option<u64>,
    description: Bolt11InvoiceDescription,
    expiry_seconds: u32,
}

fn terms(mut params: Params) -> Result<Terms, Fault> {
    let amount_msat = params.amount_maybe("amountMsat")?;
    let text = params.text_maybe("description")?;
    let description = match params.bytes32_maybe("descriptionHash")? {
        Some(hash) => Bolt11InvoiceDescription::Hash(Sha256(sha256::Hash::from_byte_array(hash))),
        None => {
            let text = Description::new(text.unwrap_or_default());
            Bolt11InvoiceDescription::Direct(text.map_err(|error| rejected(format!("{error:?}")))?)
        }
    };
    let expiry_seconds = params.number_maybe("expirySeconds")?.unwrap_or(DEFAULT_EXPIRY_SECONDS);
    params.refuse_rest()?;
    Ok(Terms { amount_msat, description, expiry_seconds })
}

fn issued(invoice: Bolt11Invoice) -> Value {
    let hash = invoice.payment_hash().to_string();
    json!({ "invoice": invoice.to_string(), "paymentHash": hash })
}

pub fn invoice(app: &App, params: Params) -> Answer {
    let Terms { amount_msat, description, expiry_seconds } = terms(params)?;
    let bolt11 = app.node.bolt11_payment();
    let invoice = match amount_msat {
        Some(msat) => bolt11.receive(msat, &description, expiry_seconds),
        None => bolt11.receive_variable_amount(&description, expiry_seconds),
    };
    invoice.map(issued).map_err(refusal)
}

pub fn hold_invoice(app: &App, mut params: Params) -> Answer {
    let hash = PaymentHash(params.bytes32("paymentHash")?);
    if app.node.payment(&PaymentId(hash.0)).is_some() {
        return Err(rejected("the hash is used already"));
    }
    let Terms { amount_msat, description, expiry_seconds } = terms(params)?;
    let bolt11 = app.node.bolt11_payment();
    let invoice = match amount_msat {
        Some(msat) => bolt11.receive_for_hash(msat, &description, expiry_seconds, hash),
        None => bolt11.receive_variable_amount_for_hash(&description, expiry_seconds, hash),
    };
    invoice.map(issued).map_err(refusal)
}

fn incoming(app: &App, hash: [u8; 32]) -> Result<(PaymentDetails, Received), Fault> {
    let details = app.node.payment(&PaymentId(hash));
    let details = details.filter(|found| found.direction == PaymentDirection::Inbound);
    let text = hash.to_lower_hex_string();
    let details = details.ok_or_else(|| rejected(format!("no invoice for {text}")))?;
    let received = app.books.read(|books| books.received.get(&text).cloned());
    Ok((details, received.unwrap_or_default()))
}

pub fn status(app: &App, mut params: Params) -> Answer {
    let (details, received) = incoming(app, params.bytes32("paymentHash")?)?;
    let state = match details.status {
        PaymentStatus::Succeeded => "paid",
        PaymentStatus::Failed => "cancelled",
        PaymentStatus::Pending if received.cancelled => "cancelled",
        PaymentStatus::Pending if received.held => "held",
        PaymentStatus::Pending => "unpaid",
    };
    let amount = match state {
        "paid" => received.amount_msat.or(details.amount_msat),
        "held" => received.amount_msat,
        _ => None,
    };
    let preimage = preimage_of(&details.kind).map(|preimage| preimage.0.to_lower_hex_string());
    let preimage = preimage.or(received.preimage).filter(|_| state == "paid");
    Ok(known(json!({
        "state": state,
        "receivedMsat": amount.map(|msat| msat.to_string()),
        "preimage": preimage,
    })))
}

pub fn preimage_of(kind: &PaymentKind) -> Option<PaymentPreimage> {
    match kind {
        PaymentKind::Onchain { .. } => None,
        PaymentKind::Bolt11 { preimage, .. }
        | PaymentKind::Bolt11Jit { preimage, .. }
        | PaymentKind::Bolt12Offer { preimage, .. }
        | PaymentKind::Bolt12Refund { preimage, .. }
        | PaymentKind::Spontaneous { preimage, .. } => *preimage,
    }
}

pub fn settle(app: &App, mut params: Params) -> Answer {
    let preimage = params.bytes32("preimage")?;
    let hash = sha256::Hash::hash(&preimage).to_byte_array();
    let (_, received) = incoming(app, hash).map_err(|_| not_ready("nothing is held"))?;
    let amount = received.amount_msat.filter(|_| received.held);
    let amount = amount.ok_or_else(|| not_ready("nothing is held"))?;
    app.node
        .bolt11_payment()
        .claim_for_hash(PaymentHash(hash), amount, PaymentPreimage(preimage))
        .map_err(refusal)?;
    app.books.change(|books| {
        let received = books.received.entry(hash.to_lower_hex_string()).or_default();
        received.preimage = Some(preimage.to_lower_hex_string());
    });
    Ok(json!({}))
}

pub fn cancel(app: &App, mut params: Params) -> Answer {
    let hash = params.bytes32("paymentHash")?;
    let (details, _) = incoming(app, hash)?;
    if details.status == PaymentStatus::Succeeded {
        return Err(rejected("it is paid"));
    }
    // ldk-node knows the preimage of an invoice that it settles by itself, and settles it whatever we say.
    if details.status == PaymentStatus::Pending && preimage_of(&details.kind).is_some() {
        return Err(fault("not-offered", "ldk-node voids no invoice that it settles by itself"));
    }
    app.books.change(|books| {
        let received = books.received.entry(hash.to_lower_hex_string()).or_default();
        received.held = false;
        received.cancelled = true;
    });
    app.node.bolt11_payment().fail_for_hash(PaymentHash(hash)).map_err(refusal)?;
    Ok(json!({}))
}
