//! Offers and refunds.
use crate::app::{refusal, App};
use crate::compat::{self, OfferPayment};
use crate::operations::payments::{outgoing, track};
use crate::protocol::{fault, internal, rejected, Answer, Fault, Params};
use ldk_node::bitcoin::hex::DisplayHex;
use ldk_node::lightning::offers::offer::Offer;
use ldk_node::lightning::offers::refund::Refund;
use ldk_node::payment::PaymentKind;
use serde_json::json;
use std::collections::HashSet;
use std::sync::Mutex;

const DEFAULT_REFUND_SECONDS: u32 = 3600;

pub fn offer(app: &App, mut params: Params) -> Answer {
    let description = params.text_maybe("description")?.unwrap_or_default();
    let expiry_seconds = params.number_maybe("expirySeconds")?;
    let bolt12 = app.node.bolt12_payment();
    let offer = match params.amount_maybe("amountMsat")? {
        Some(msat) => {
            let quantity = params.amount_maybe("quantityMax")?;
            if quantity == Some(0) {
                return Err(fault("not-offered", "quantityMax: ldk-node makes no offer for any quantity"));
            }
            params.refuse_rest()?;
            bolt12.receive(msat, &description, expiry_seconds, quantity)
        }
        None => {
            params.refuse_rest()?;
            bolt12.receive_variable_amount(&description, expiry_seconds)
        }
    };
    Ok(json!({ "offer": offer.map_err(refusal)?.to_string() }))
}

pub fn pay_offer(app: &App, mut params: Params) -> Answer {
    let payment = OfferPayment {
        offer: read_offer(&params.text("offer")?)?,
        amount_msat: params.amount_maybe("amountMsat")?,
        quantity: params.amount_maybe("quantity")?,
        payer_note: params.text_maybe("payerNote")?,
        fee_limit_msat: params.amount_maybe("feeLimitMsat")?,
    };
    track(app, None, || compat::pay_offer(&app.node, payment))
}

fn read_offer(text: &str) -> Result<Offer, Fault> {
    text.parse().map_err(|error| rejected(format!("offer: {error:?}")))
}

/// ldk-node does not tell under which id it lists the refund: it is the one that is new.
static REFUNDING: Mutex<()> = Mutex::new(());

pub fn refund(app: &App, mut params: Params) -> Answer {
    let amount_msat = params.amount("amountMsat")?;
    let expiry_seconds = params.number_maybe("expirySeconds")?.unwrap_or(DEFAULT_REFUND_SECONDS);
    params.refuse_rest()?;
    let _turn = REFUNDING.lock().map_err(internal)?;
    let before: HashSet<String> = refund_ids(app).collect();
    let refund = compat::refund(&app.node, amount_msat, expiry_seconds).map_err(refusal)?;
    let id = refund_ids(app).find(|id| !before.contains(id));
    let id = id.ok_or_else(|| internal("ldk-node does not list its refund"))?;
    app.books.change(|books| books.sent.push(id.clone()));
    Ok(json!({ "refund": refund.to_string(), "paymentId": id }))
}

fn refund_ids(app: &App) -> impl Iterator<Item = String> {
    let refunds = outgoing(app).into_iter();
    refunds
        .filter(|payment| matches!(payment.kind, PaymentKind::Bolt12Refund { .. }))
        .map(|payment| payment.id.0.to_lower_hex_string())
}

pub fn redeem_refund(app: &App, mut params: Params) -> Answer {
    let refund: Refund =
        params.text("refund")?.parse().map_err(|error| rejected(format!("refund: {error:?}")))?;
    let invoice = app.node.bolt12_payment().request_refund_payment(&refund).map_err(refusal)?;
    Ok(json!({ "paymentHash": invoice.payment_hash().0.to_lower_hex_string() }))
}
