//! What ldk-node tells once in an event and does not keep: the daemon's own books, on disk beside the node's.
use ldk_node::bitcoin::OutPoint;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::{read, rename, write};
use std::path::PathBuf;
use std::sync::{Condvar, Mutex};
use std::time::{Duration, Instant};

const FILE: &str = "boltgrid.json";
pub const MAX_FORWARDS: usize = 1000;

/// How an `open` or a splice went, for the call that waits for it.
#[derive(Clone)]
pub enum Outcome {
    Funded { channel_id: String, funding: OutPoint },
    Failed(String),
}

#[derive(Serialize, Deserialize, Clone)]
pub struct Closed {
    /// As `channels` lists it.
    pub channel: Value,
    /// The first block in which the closing transaction can be.
    pub next_block: u32,
}

/// A payment to this node, by its hash.
#[derive(Serialize, Deserialize, Clone, Default)]
pub struct Received {
    pub held: bool,
    pub cancelled: bool,
    pub amount_msat: Option<u64>,
    /// What `settle` gave for an invoice whose preimage the node did not know.
    pub preimage: Option<String>,
}

#[derive(Serialize, Deserialize, Default)]
pub struct Content {
    /// By channel id.
    pub closed: BTreeMap<String, Closed>,
    /// User channel ids of channels that were ready once: those that are not any more are being closed.
    pub ready: BTreeSet<String>,
    /// User channel ids of channels of ours whose anchors ldk-node leaves out of what it tells of our balance.
    #[serde(default)]
    pub anchors: BTreeSet<String>,
    /// Payment ids of what was sent, oldest first.
    pub sent: Vec<String>,
    /// Why payments failed, by payment id.
    pub failures: BTreeMap<String, Value>,
    pub received: BTreeMap<String, Received>,
    pub forwards: Vec<Value>,
    /// Where peers listen, as `connect` said, by public key.
    pub addresses: BTreeMap<String, String>,
    /// Open channels as they looked last, by channel id: after the close ldk-node tells nothing of them.
    #[serde(skip)]
    pub seen: HashMap<String, Value>,
    /// How many onion errors had been read when a payment began that was alone under way, by payment id.
    #[serde(skip)]
    pub onion_errors_before: HashMap<String, u64>,
    /// By user channel id.
    #[serde(skip)]
    pub outcomes: HashMap<String, Outcome>,
}

pub struct Books {
    file: PathBuf,
    content: Mutex<Content>,
    turned: Condvar,
}

impl Books {
    pub fn open(folder: &str) -> Result<Self, String> {
        let file = PathBuf::from(folder).join(FILE);
        let content = match read(&file) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|e| format!("{FILE}: {e}"))?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Content::default(),
            Err(error) => return Err(format!("{FILE}: {error}")),
        };
        Ok(Books { file, content: Mutex::new(content), turned: Condvar::new() })
    }

    pub fn read<T>(&self, look: impl FnOnce(&Content) -> T) -> T {
        look(&self.content.lock().unwrap())
    }

    /// Changes them, on disk too, and wakes whoever waits.
    pub fn change<T>(&self, change: impl FnOnce(&mut Content) -> T) -> T {
        let mut content = self.content.lock().unwrap();
        let result = change(&mut content);
        let next = self.file.with_extension("new");
        let saved = serde_json::to_vec(&*content).map_err(std::io::Error::from);
        saved
            .and_then(|bytes| write(&next, bytes))
            .and_then(|()| rename(&next, &self.file))
            .expect("the books cannot be written");
        self.turned.notify_all();
        result
    }

    /// What was seen of open channels; not kept on disk.
    pub fn look(&self, channels: impl IntoIterator<Item = (String, Value)>) {
        self.content.lock().unwrap().seen.extend(channels);
    }

    /// Looks after every change, and a few times a second, until there is a result or the time is over.
    pub fn wait<T>(&self, limit: Duration, mut look: impl FnMut(&Content) -> Option<T>) -> Option<T> {
        let end = Instant::now() + limit;
        let mut content = self.content.lock().unwrap();
        loop {
            if let Some(found) = look(&content) {
                return Some(found);
            }
            let left = end.checked_duration_since(Instant::now())?;
            let pause = left.min(Duration::from_millis(200));
            content = self.turned.wait_timeout(content, pause).unwrap().0;
        }
    }
}
