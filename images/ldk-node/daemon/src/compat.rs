//! Where ldk-node 0.7 and 0.6 differ.
use ldk_node::bitcoin::secp256k1::PublicKey;
use ldk_node::lightning::ln::channelmanager::PaymentId;
use ldk_node::lightning::offers::offer::Offer;
use ldk_node::lightning::offers::refund::Refund;
#[cfg(feature = "since-0-7")]
use ldk_node::lightning::routing::router::RouteParametersConfig;
use ldk_node::lightning_types::payment::PaymentPreimage;
#[cfg(not(feature = "since-0-7"))]
use ldk_node::payment::SendingParameters;
use ldk_node::{CustomTlvRecord, Node, NodeError};

#[cfg(not(feature = "since-0-7"))]
use crate::protocol::fault;
use crate::protocol::Fault;

#[cfg(feature = "since-0-7")]
pub type RouteLimits = RouteParametersConfig;
#[cfg(not(feature = "since-0-7"))]
pub type RouteLimits = SendingParameters;

/// Nothing when nothing is limited: the node's own rules hold then.
#[cfg(feature = "since-0-7")]
pub fn route_limits(fee_limit_msat: Option<u64>, max_parts: Option<u8>) -> Option<RouteLimits> {
    if fee_limit_msat.is_none() && max_parts.is_none() {
        return None;
    }
    let mut limits =
        RouteParametersConfig { max_total_routing_fee_msat: fee_limit_msat, ..Default::default() };
    limits.max_path_count = max_parts.unwrap_or(limits.max_path_count);
    Some(limits)
}

#[cfg(not(feature = "since-0-7"))]
pub fn route_limits(fee_limit_msat: Option<u64>, max_parts: Option<u8>) -> Option<RouteLimits> {
    if fee_limit_msat.is_none() && max_parts.is_none() {
        return None;
    }
    Some(SendingParameters {
        max_total_routing_fee_msat: fee_limit_msat.map(Some),
        max_total_cltv_expiry_delta: None,
        max_path_count: max_parts,
        max_channel_saturation_power_of_half: None,
    })
}

pub struct OfferPayment {
    pub offer: Offer,
    pub amount_msat: Option<u64>,
    pub quantity: Option<u64>,
    pub payer_note: Option<String>,
    pub fee_limit_msat: Option<u64>,
}

#[cfg(feature = "since-0-7")]
pub fn pay_offer(node: &Node, payment: OfferPayment) -> Result<Result<PaymentId, NodeError>, Fault> {
    let OfferPayment { offer, amount_msat, quantity, payer_note, fee_limit_msat } = payment;
    let (bolt12, limits) = (node.bolt12_payment(), route_limits(fee_limit_msat, None));
    Ok(match amount_msat {
        Some(msat) => bolt12.send_using_amount(&offer, msat, quantity, payer_note, limits),
        None => bolt12.send(&offer, quantity, payer_note, limits),
    })
}

#[cfg(not(feature = "since-0-7"))]
pub fn pay_offer(node: &Node, payment: OfferPayment) -> Result<Result<PaymentId, NodeError>, Fault> {
    let OfferPayment { offer, amount_msat, quantity, payer_note, fee_limit_msat } = payment;
    if fee_limit_msat.is_some() {
        return Err(fault("not-offered", "feeLimitMsat: ldk-node 0.6 limits no fee of an offer's payment"));
    }
    let bolt12 = node.bolt12_payment();
    Ok(match amount_msat {
        Some(msat) => bolt12.send_using_amount(&offer, msat, quantity, payer_note),
        None => bolt12.send(&offer, quantity, payer_note),
    })
}

pub fn refund(node: &Node, amount_msat: u64, expiry_seconds: u32) -> Result<Refund, NodeError> {
    let bolt12 = node.bolt12_payment();
    #[cfg(feature = "since-0-7")]
    return bolt12.initiate_refund(amount_msat, expiry_seconds, None, None, None);
    #[cfg(not(feature = "since-0-7"))]
    return bolt12.initiate_refund(amount_msat, expiry_seconds, None, None);
}

pub struct Keysend {
    pub payee: PublicKey,
    pub amount_msat: u64,
    pub limits: Option<RouteLimits>,
    pub records: Vec<CustomTlvRecord>,
    pub preimage: Option<PaymentPreimage>,
}

pub fn keysend(node: &Node, keysend: Keysend) -> Result<Result<PaymentId, NodeError>, Fault> {
    let Keysend { payee, amount_msat, limits, records, preimage } = keysend;
    let spontaneous = node.spontaneous_payment();
    match preimage {
        None => Ok(spontaneous.send_with_custom_tlvs(amount_msat, payee, limits, records)),
        #[cfg(feature = "since-0-7")]
        Some(preimage) => {
            Ok(spontaneous.send_with_preimage_and_custom_tlvs(amount_msat, payee, records, preimage, limits))
        }
        #[cfg(not(feature = "since-0-7"))]
        Some(_) => Err(fault("not-offered", "preimage: ldk-node 0.6 chooses it")),
    }
}
