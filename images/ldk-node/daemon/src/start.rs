//! From the params of `boltgrid:start` to a running node.
use crate::app::{version, App, Settings, ALIAS};
use crate::books::Books;
use crate::chain::Chain;
use crate::log::{take_error, Log};
use crate::protocol::{fault, internal, not_ready, Fault};
use ldk_node::bitcoin::hashes::{sha512, Hash};
use ldk_node::bitcoin::hex::FromHex;
use ldk_node::bitcoin::Network;
use ldk_node::config::Config;
use ldk_node::lightning::ln::msgs::SocketAddress;
use ldk_node::{Builder, Node};
use serde::Deserialize;
use serde_json::{json, Map, Value};
use std::net::{IpAddr, TcpListener};
use std::str::FromStr;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long bitcoind may still be starting.
const CHAIN_LIMIT: Duration = Duration::from_secs(20);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StartParams {
    protocol: u32,
    network: String,
    seed: String,
    folder: String,
    listen: Endpoint,
    chain: Option<ChainParams>,
    #[serde(default)]
    settings: SettingsParams,
}

#[derive(Deserialize, Clone)]
struct Endpoint {
    host: String,
    port: u16,
}

#[derive(Deserialize)]
struct ChainParams {
    url: String,
    user: String,
    password: String,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SettingsParams {
    anchors: Option<bool>,
    close_fee_slack_sat: Option<u64>,
    dust_exposure_msat: Option<u64>,
    follow_ms: Option<u64>,
}

/// The running node, and the result of the request.
pub fn start(params: Map<String, Value>) -> Result<(App, Value), Fault> {
    let params: StartParams =
        serde_json::from_value(Value::Object(params)).map_err(|error| internal(format!("start: {error}")))?;
    if params.protocol != 1 || params.network != "regtest" {
        return Err(internal("start: only protocol 1 on regtest"));
    }
    let given = params.chain.ok_or_else(|| internal("start: ldk-node needs a chain"))?;
    let chain = Chain::new(&given.url, given.user, given.password).map_err(internal)?;
    await_chain(&chain)?;
    let settings = Settings {
        anchors: params.settings.anchors.unwrap_or(true),
        close_fee_slack_sat: params.settings.close_fee_slack_sat,
        dust_exposure_msat: params.settings.dust_exposure_msat,
        follow: params.settings.follow_ms.map(Duration::from_millis),
    };
    let seed = <[u8; 32]>::from_hex(&params.seed).map_err(|_| internal("start: a bad seed"))?;
    let listen = free_port(params.listen)?;
    let node = build(seed, &params.folder, &listen, &chain, &settings)?;
    node.start().map_err(|error| start_fault(format!("{error:?}")))?;
    let books = Books::open(&params.folder).map_err(internal)?;
    let result = json!({
        "publicKey": node.node_id().to_string(),
        "host": listen.host,
        "port": listen.port,
        "reported": version(),
    });
    Ok((App { node, chain, books, settings }, result))
}

/// ldk-node starts without its chain, too, and follows it much later: better to wait here.
fn await_chain(chain: &Chain) -> Result<(), Fault> {
    let end = Instant::now() + CHAIN_LIMIT;
    while let Err(error) = chain.height() {
        if Instant::now() > end {
            return Err(not_ready(error));
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    Ok(())
}

/// ldk-node does not tell which port it got, so a free one is looked for before.
fn free_port(listen: Endpoint) -> Result<Endpoint, Fault> {
    if listen.port != 0 {
        return Ok(listen);
    }
    let probe = TcpListener::bind((listen.host.as_str(), 0)).and_then(|probe| probe.local_addr());
    let address = probe.map_err(|error| internal(format!("start: {error}")))?;
    Ok(Endpoint { port: address.port(), ..listen })
}

fn build(
    seed: [u8; 32],
    folder: &str,
    listen: &Endpoint,
    chain: &Chain,
    settings: &Settings,
) -> Result<Node, Fault> {
    let mut config = Config::default();
    config.network = Network::Regtest;
    config.storage_dir_path = folder.to_string();
    if !settings.anchors {
        config.anchor_channels_config = None;
    }
    let host = listen.host.parse::<IpAddr>();
    let address = match host {
        Ok(IpAddr::V6(ip)) => format!("[{ip}]:{}", listen.port),
        _ => format!("{}:{}", listen.host, listen.port),
    };
    let address = SocketAddress::from_str(&address).map_err(|_| internal("start: a bad address"))?;
    let mut builder = Builder::from_config(config);
    builder.set_entropy_seed_bytes(node_seed(seed));
    builder.set_chain_source_bitcoind_rpc(
        chain.host.clone(),
        chain.port,
        chain.user.clone(),
        chain.password.clone(),
    );
    builder.set_gossip_source_p2p();
    builder.set_custom_logger(Arc::new(Log));
    // Without an alias and an address, ldk-node announces no channel.
    builder
        .set_node_alias(ALIAS.to_string())
        .and_then(|builder| builder.set_listening_addresses(vec![address]))
        .map_err(|error| start_fault(format!("{error:?}")))?;
    builder.build().map_err(|error| start_fault(format!("{error:?}")))
}

/// The node refused to start: what it logged says more than its error.
fn start_fault(error: String) -> Fault {
    match take_error() {
        Some(detail) => fault("rejected", format!("{error}: {detail}")),
        None => fault("rejected", error),
    }
}

/// ldk-node takes 64 bytes.
fn node_seed(seed: [u8; 32]) -> [u8; 64] {
    let labelled = [b"boltgrid/ldk-node".as_slice(), &seed].concat();
    sha512::Hash::hash(&labelled).to_byte_array()
}
