//! The control operations: src/nodes/operations/ holds params, results, completion point and errors of each.
mod bolt12;
pub mod channels;
mod decode;
mod funding;
mod graph;
mod invoices;
mod node;
mod payments;

use crate::app::App;
use crate::protocol::{internal, Answer, Params};

pub fn perform(app: &App, operation: &str, params: Params) -> Answer {
    match operation {
        "info" => node::info(app),
        "sync" => node::sync(app, params),
        "newAddress" => node::new_address(app),
        "balance" => node::balance(app),
        "sendOnchain" => node::send_onchain(app, params),
        "connect" => node::connect(app, params),
        "disconnect" => node::disconnect(app, params),
        "peers" => node::peers(app),
        "open" => funding::open(app, params),
        "splice" => funding::splice(app, params),
        "channels" => channels::channels(app),
        "setPolicy" => channels::set_policy(app, params),
        "close" => channels::close(app, params),
        "forceClose" => channels::force_close(app, params),
        "invoice" => invoices::invoice(app, params),
        "holdInvoice" => invoices::hold_invoice(app, params),
        "invoiceStatus" => invoices::status(app, params),
        "settle" => invoices::settle(app, params),
        "cancel" => invoices::cancel(app, params),
        "pay" => payments::pay(app, params),
        "keysend" => payments::keysend(app, params),
        "payments" => payments::payments(app),
        "forwards" => payments::forwards(app),
        "offer" => bolt12::offer(app, params),
        "payOffer" => bolt12::pay_offer(app, params),
        "refund" => bolt12::refund(app, params),
        "redeemRefund" => bolt12::redeem_refund(app, params),
        "decode" => decode::decode(params),
        "graph" => graph::graph(app),
        _ => Err(internal(format!("the driver has no operation {operation}"))),
    }
}
