//! ldk-node's own log, on standard error; and what it says there and nowhere else.
use ldk_node::logger::{LogLevel, LogRecord, LogWriter};
use serde_json::{json, Value};
use std::cell::RefCell;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::SeqCst};
use std::sync::Mutex;

thread_local! {
    /// ldk-node's errors are bare words; what went wrong it logs before, in the same thread.
    static LAST_ERROR: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Lower than this, LDK takes no feerate (`FEERATE_FLOOR_SATS_PER_KW`).
const FLOOR_PER_KW: u32 = 253;
/// What ldk-node takes while it has no estimate for the commitment transaction of a channel with anchors.
static ANCHOR_FEERATE_PER_KW: AtomicU32 = AtomicU32::new(500);
static ONION_ERRORS: AtomicU64 = AtomicU64::new(0);
static LAST_ONION_ERROR: Mutex<Option<Value>> = Mutex::new(None);

pub struct Log;

impl LogWriter for Log {
    fn log<'a>(&self, record: LogRecord<'a>) {
        let text = record.args.to_string();
        if let Some(per_kw) = estimate(&text) {
            ANCHOR_FEERATE_PER_KW.store(per_kw.max(FLOOR_PER_KW), SeqCst);
        }
        if let Some(error) = onion_error(&text) {
            *LAST_ONION_ERROR.lock().unwrap() = Some(error);
            ONION_ERRORS.fetch_add(1, SeqCst);
        }
        if record.level >= LogLevel::Debug {
            eprintln!("{} {}:{} {text}", record.level, record.module_path, record.line);
        }
        if record.level == LogLevel::Error {
            LAST_ERROR.with(|last| *last.borrow_mut() = Some(text));
        }
    }
}

/// What ldk-node logged as an error in this thread since the last call.
pub fn take_error() -> Option<String> {
    LAST_ERROR.with(|last| last.borrow_mut().take())
}

/// The feerate for the commitment transaction of a channel with anchors, as ldk-node estimates it.
pub fn anchor_feerate_per_kw() -> u32 {
    ANCHOR_FEERATE_PER_KW.load(SeqCst)
}

/// How many onion errors were read so far, and the last one.
pub fn onion_errors() -> (u64, Option<Value>) {
    (ONION_ERRORS.load(SeqCst), LAST_ONION_ERROR.lock().unwrap().clone())
}

fn estimate(text: &str) -> Option<u32> {
    let rest = text.strip_prefix("Fee rate estimation updated for Lightning(AnchorChannelFee): ")?;
    rest.split(' ').next()?.parse().ok()
}

/// From LDK's `onion_utils`: `Onion Error[from 02ab…: temporary_channel_failure(0x1007)] …`, or a name in another case.
fn onion_error(text: &str) -> Option<Value> {
    let (node, rest) = text.strip_prefix("Onion Error[from ")?.split_once(": ")?;
    let (_, rest) = rest.split_once("(0x")?;
    let code = rest.split(')').next()?;
    Some(json!({ "erringNode": node, "failureCode": u16::from_str_radix(code, 16).ok()? }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn onion_errors_are_read_as_both_versions_write_them() {
        let node = "02".repeat(33);
        for text in [
            format!("Onion Error[from {node}: temporary_channel_failure(0x1007)] Retry later"),
            format!("Onion Error[from {node}: TemporaryChannelFailure(0x1007)]"),
            format!("Onion Error[from {node}: IncorrectPaymentDetails(0x1007) htlc_msat(00)]"),
        ] {
            assert_eq!(onion_error(&text), Some(json!({ "erringNode": node, "failureCode": 0x1007 })));
        }
        assert_eq!(onion_error("Onion Error[from nobody]"), None);
    }

    #[test]
    fn the_estimate_for_anchors_is_read_and_no_other() {
        let line = |target: &str| format!("Fee rate estimation updated for {target}: 253 sats/kwu");
        assert_eq!(estimate(&line("Lightning(AnchorChannelFee)")), Some(253));
        assert_eq!(estimate(&line("Lightning(NonAnchorChannelFee)")), None);
        assert_eq!(estimate(&line("ChannelFunding")), None);
    }
}
