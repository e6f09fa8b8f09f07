//! Reads what others wrote, as LDK reads it.
use crate::protocol::{known, rejected, Answer, Params};
use ldk_node::lightning::offers::offer::{Amount, Offer};
use ldk_node::lightning::offers::refund::Refund;
use ldk_node::lightning_invoice::{Bolt11Invoice, Bolt11InvoiceDescriptionRef};
use serde_json::{json, Value};

pub fn decode(mut params: Params) -> Answer {
    let text = params.text("text")?;
    let lower = text.to_lowercase();
    let read = if lower.starts_with("lno1") {
        text.parse().map(|offer| offer_view(&offer)).map_err(|error| format!("{error:?}"))
    } else if lower.starts_with("lnr1") {
        text.parse().map(|refund| refund_view(&refund)).map_err(|error| format!("{error:?}"))
    } else {
        text.parse().map(|invoice| invoice_view(&invoice)).map_err(|error| format!("{error:?}"))
    };
    read.map(known).map_err(rejected)
}

fn invoice_view(invoice: &Bolt11Invoice) -> Value {
    let (text, hash) = match invoice.description() {
        Bolt11InvoiceDescriptionRef::Direct(text) => (Some(text.to_string()), None),
        Bolt11InvoiceDescriptionRef::Hash(hash) => (None, Some(hash.0.to_string())),
    };
    json!({
        "kind": "bolt11",
        "publicKey": invoice.recover_payee_pub_key().to_string(),
        "paymentHash": invoice.payment_hash().to_string(),
        "amountMsat": invoice.amount_milli_satoshis().map(|msat| msat.to_string()),
        "description": text,
        "descriptionHash": hash,
        "expirySeconds": invoice.expiry_time().as_secs(),
        "finalCltvDelta": invoice.min_final_cltv_expiry_delta(),
        "routeHints": invoice.route_hints().len(),
        "features": invoice.features().map(|features| features_hex(features.le_flags())),
    })
}

fn offer_view(offer: &Offer) -> Value {
    let amount_msat = match offer.amount() {
        Some(Amount::Bitcoin { amount_msats }) => Some(amount_msats.to_string()),
        _ => None,
    };
    json!({
        "kind": "offer",
        "publicKey": offer.issuer_signing_pubkey().map(|key| key.to_string()),
        "amountMsat": amount_msat,
        "description": offer.description().map(|text| text.to_string()),
        "routeHints": offer.paths().len(),
    })
}

fn refund_view(refund: &Refund) -> Value {
    json!({
        "kind": "refund",
        "publicKey": refund.payer_signing_pubkey().to_string(),
        "amountMsat": refund.amount_msats().to_string(),
        "description": refund.description().to_string(),
        "routeHints": refund.paths().len(),
    })
}

/// LDK keeps the lowest bits first; on the wire they come last.
pub fn features_hex(flags: &[u8]) -> String {
    flags.iter().rev().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn features_are_as_on_the_wire() {
        assert_eq!(features_hex(&[0x82, 0x01]), "0182");
    }

    #[test]
    fn what_is_no_invoice_is_refused() {
        for text in ["", "lno1qqqq", "lnr1", "lnbcrt1"] {
            let params = json!({ "text": text });
            let Value::Object(fields) = params else { unreachable!() };
            assert_eq!(decode(Params(fields)).unwrap_err().code, "rejected");
        }
    }
}
