//! What all operations work on.
use crate::books::Books;
use crate::chain::Chain;
use crate::log;
use crate::protocol::{fault, rejected, Fault};
use ldk_node::config::{ChannelConfig, MaxDustHTLCExposure};
use ldk_node::{ChannelDetails, Node, NodeError};
use std::time::{Duration, Instant};

pub const ALIAS: &str = "boltgrid";
/// The whole lock file: which LDK is in this binary cannot be asked of ldk-node.
const LOCK: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.lock"));

pub struct App {
    pub node: Node,
    pub chain: Chain,
    pub books: Books,
    pub settings: Settings,
}

/// What a version or profile of the manifest may set.
pub struct Settings {
    /// Whether channels have anchors where the peer can.
    pub anchors: bool,
    /// How much more than its own estimate a cooperative close may cost, before it is force-closed. ldk-node's default when absent.
    pub close_fee_slack_sat: Option<u64>,
    /// How much of a channel may be dust, and fees above its own estimate, before HTLCs are refused. ldk-node's default when absent.
    pub dust_exposure_msat: Option<u64>,
    /// How often the daemon looks for a new block by itself; ldk-node does every 2 seconds.
    pub follow: Option<Duration>,
}

impl Settings {
    /// The configuration of a channel, with what is set here in it.
    pub fn in_channel(&self, mut config: ChannelConfig) -> ChannelConfig {
        if let Some(slack) = self.close_fee_slack_sat {
            config.force_close_avoidance_max_fee_satoshis = slack;
        }
        if let Some(limit_msat) = self.dust_exposure_msat {
            config.max_dust_htlc_exposure = MaxDustHTLCExposure::FixedLimit { limit_msat };
        }
        config
    }
}

impl App {
    pub fn channels(&self) -> Vec<ChannelDetails> {
        self.node.list_channels()
    }

    pub fn is_connected(&self, public_key: &str) -> bool {
        let peers = self.node.list_peers();
        peers.iter().any(|peer| peer.is_connected && peer.node_id.to_string() == public_key)
    }
}

pub fn version() -> String {
    let ldk = locked("lightning").unwrap_or("unknown");
    format!("ldk-node {} (lightning {ldk})", env!("CARGO_PKG_VERSION"))
}

fn locked(name: &str) -> Option<&'static str> {
    let (_, rest) = LOCK.split_once(&format!("name = \"{name}\"\nversion = \""))?;
    rest.split('"').next()
}

/// ldk-node's error, with what it logged about it.
pub fn refusal(error: NodeError) -> Fault {
    let code = match error {
        NodeError::NotRunning => "not-ready",
        NodeError::PersistenceFailed => "internal",
        NodeError::WalletOperationTimeout
        | NodeError::TxSyncTimeout
        | NodeError::FeerateEstimationUpdateTimeout => "timeout",
        _ => "rejected",
    };
    match log::take_error() {
        Some(detail) => fault(code, format!("{error:?}: {detail}")),
        None => fault(code, format!("{error:?}")),
    }
}

/// Looks every few milliseconds until `check` says yes; `rejected` when the time is over.
pub fn until(
    limit: Duration,
    what: &str,
    mut check: impl FnMut() -> Result<bool, String>,
) -> Result<(), Fault> {
    let end = Instant::now() + limit;
    loop {
        let last = match check() {
            Ok(true) => return Ok(()),
            Ok(false) => what.to_string(),
            Err(error) => format!("{what}: {error}"),
        };
        if Instant::now() > end {
            return Err(rejected(last));
        }
        std::thread::sleep(Duration::from_millis(25));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_names_the_locked_ldk() {
        assert!(version().starts_with(&format!("ldk-node {} (lightning 0.", env!("CARGO_PKG_VERSION"))));
        assert_eq!(locked("no such crate"), None);
    }
}
