//! The node itself, its wallet, its peers.
use crate::app::{refusal, until, version, App, ALIAS};
use crate::log;
use crate::protocol::{fault, rejected, Answer, Fault, Params};
use ldk_node::bitcoin::address::NetworkUnchecked;
use ldk_node::bitcoin::{Address, FeeRate, Network};
use ldk_node::lightning::ln::msgs::SocketAddress;
use serde_json::{json, Value};
use std::str::FromStr;
use std::time::{Duration, Instant};

/// A little less than the operation's own deadline, so that the reason is told.
const SYNC_LIMIT: Duration = Duration::from_secs(29);
const BROADCAST_LIMIT: Duration = Duration::from_secs(8);

pub fn info(app: &App) -> Answer {
    let best = app.node.status().current_best_block;
    Ok(json!({
        "publicKey": app.node.node_id().to_string(),
        "alias": ALIAS,
        "version": version(),
        "height": best.height,
        "blockHash": best.block_hash.to_string(),
        "feeratePerKw": log::anchor_feerate_per_kw(),
    }))
}

pub fn sync(app: &App, mut params: Params) -> Answer {
    let asked = params.number_maybe::<u32>("height")?;
    let target = match asked {
        Some(height) => height,
        None => app.chain.height().map_err(|error| fault("not-ready", error))?,
    };
    let end = Instant::now() + SYNC_LIMIT;
    loop {
        // A failure is repeated until the time is over: at its start, ldk-node may be busy with the same.
        let outcome = app.node.sync_wallets();
        let best = app.node.status().current_best_block;
        if outcome.is_ok() && best.height >= target {
            return Ok(json!({ "height": best.height, "blockHash": best.block_hash.to_string() }));
        }
        if Instant::now() > end {
            let detail = log::take_error().unwrap_or_default();
            return Err(fault("timeout", format!("at block {} of {target} {detail}", best.height)));
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

pub fn new_address(app: &App) -> Answer {
    let address = app.node.onchain_payment().new_address().map_err(refusal)?;
    Ok(json!({ "address": address.to_string() }))
}

/// Change of its own that waits counts as spendable: the wallet would spend it.
pub fn balance(app: &App) -> Answer {
    let balances = app.node.list_balances();
    let spendable = balances.spendable_onchain_balance_sats;
    let waiting = balances
        .total_onchain_balance_sats
        .saturating_sub(spendable)
        .saturating_sub(balances.total_anchor_channels_reserve_sats);
    Ok(json!({ "confirmedSat": spendable.to_string(), "unconfirmedSat": waiting.to_string() }))
}

pub fn send_onchain(app: &App, mut params: Params) -> Answer {
    let address = address(&params.text("address")?)?;
    let amount_sat = params.amount("amountSat")?;
    let feerate = params.number_maybe::<u32>("feeratePerKw")?;
    let feerate = feerate.map(|per_kw| FeeRate::from_sat_per_kwu(per_kw.into()));
    let wallet = app.node.onchain_payment();
    let txid = wallet.send_to_address(&address, amount_sat, feerate).map_err(refusal)?.to_string();
    let refused = format!("bitcoind did not take {txid}");
    until(BROADCAST_LIMIT, &refused, || app.chain.has(&txid))?;
    Ok(json!({ "txid": txid }))
}

pub fn address(text: &str) -> Result<Address, Fault> {
    let address = Address::<NetworkUnchecked>::from_str(text);
    address
        .and_then(|address| address.require_network(Network::Regtest))
        .map_err(|error| rejected(format!("not an address of this network: {error}")))
}

pub fn connect(app: &App, mut params: Params) -> Answer {
    let peer = params.public_key()?;
    let host = params.text("host")?;
    let port = params.number_maybe::<u16>("port")?.unwrap_or(9735);
    let text = if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") };
    let address =
        SocketAddress::from_str(&text).map_err(|error| rejected(format!("not an address: {error}")))?;
    // Not kept by ldk-node, which would redial it for ever: it keeps peers that it opens a channel with.
    app.node.connect(peer, address, false).map_err(refusal)?;
    app.books.change(|books| books.addresses.insert(peer.to_string(), text));
    Ok(json!({}))
}

pub fn disconnect(app: &App, mut params: Params) -> Answer {
    let peer = params.public_key()?;
    app.node.disconnect(peer).map_err(refusal)?;
    let key = peer.to_string();
    until(Duration::from_secs(8), "it is still connected", || Ok(!app.is_connected(&key)))?;
    Ok(json!({}))
}

pub fn peers(app: &App) -> Answer {
    let peers: Vec<Value> = app
        .node
        .list_peers()
        .into_iter()
        .filter(|peer| peer.is_connected)
        .map(|peer| {
            let mut view = json!({ "publicKey": peer.node_id.to_string() });
            let address = peer.address.to_string();
            if let Some((host, Ok(port))) = address.rsplit_once(':').map(|(h, p)| (h, p.parse::<u16>())) {
                view["host"] = json!(host.trim_matches(['[', ']']));
                view["port"] = json!(port);
            }
            view
        })
        .collect();
    Ok(json!({ "peers": peers }))
}
