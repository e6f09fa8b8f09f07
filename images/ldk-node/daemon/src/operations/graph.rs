//! The network as gossip told it.
use crate::app::App;
use crate::operations::channels::scid;
use crate::operations::decode::features_hex;
use crate::protocol::{known, Answer};
use ldk_node::bitcoin::hex::DisplayHex;
use ldk_node::lightning::routing::gossip::{ChannelInfo, ChannelUpdateInfo, NodeId, NodeInfo};
use serde_json::{json, Value};

pub fn graph(app: &App) -> Answer {
    let graph = app.node.network_graph();
    let channels: Vec<Value> = graph
        .list_channels()
        .into_iter()
        .filter_map(|id| graph.channel(id).map(|channel| channel_view(id, &channel)))
        .collect();
    let nodes: Vec<Value> =
        graph.list_nodes().iter().filter_map(|id| graph.node(id).map(|node| node_view(id, &node))).collect();
    Ok(json!({ "nodes": nodes, "channels": channels }))
}

fn key(id: &NodeId) -> String {
    id.as_slice().to_lower_hex_string()
}

fn channel_view(id: u64, channel: &ChannelInfo) -> Value {
    let directions = [(&channel.node_one, &channel.one_to_two), (&channel.node_two, &channel.two_to_one)];
    let policies: Vec<Value> = directions
        .into_iter()
        .filter_map(|(from, update)| update.as_ref().map(|update| policy_view(from, update)))
        .collect();
    json!({
        "shortChannelId": scid(id),
        "node1": key(&channel.node_one),
        "node2": key(&channel.node_two),
        "policies": policies,
    })
}

fn policy_view(from: &NodeId, update: &ChannelUpdateInfo) -> Value {
    json!({
        "from": key(from),
        "enabled": update.enabled,
        "cltvExpiryDelta": update.cltv_expiry_delta,
        "feeBaseMsat": update.fees.base_msat.to_string(),
        "feeProportionalMillionths": update.fees.proportional_millionths,
        "htlcMinimumMsat": update.htlc_minimum_msat.to_string(),
        "htlcMaximumMsat": update.htlc_maximum_msat.to_string(),
        "timestamp": update.last_update,
    })
}

fn node_view(id: &NodeId, node: &NodeInfo) -> Value {
    let announced = node.announcement_info.as_ref();
    known(json!({
        "publicKey": key(id),
        "alias": announced.map(|info| info.alias().to_string()),
        "features": announced.map(|info| features_hex(info.features().le_flags())),
        "timestamp": announced.map(|info| info.last_update()),
    }))
}
