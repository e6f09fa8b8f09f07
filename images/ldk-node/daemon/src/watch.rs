//! Looks at the node a few times a second: it tells nothing of new blocks, peers and channel states by itself.
use crate::app::App;
use crate::operations::channels;
use crate::protocol::changed;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::{Duration, Instant};

const TICK: Duration = Duration::from_millis(100);
static STOP: AtomicBool = AtomicBool::new(false);

extern "C" {
    /// Of libc, which Rust's standard library links.
    fn signal(number: i32, handler: extern "C" fn(i32)) -> usize;
}

extern "C" fn stop(_: i32) {
    STOP.store(true, SeqCst);
}

/// The first process of a container gets no default handlers, so that SIGTERM would be passed over.
pub fn handle_signals() {
    const SIGINT: i32 = 2;
    const SIGTERM: i32 = 15;
    for number in [SIGINT, SIGTERM] {
        // SAFETY: the handler does nothing but store to an atomic.
        unsafe { signal(number, stop) };
    }
}

/// Ends when a signal asks the process to end.
pub fn watch(app: &App) {
    let mut before = String::new();
    let mut asked_chain = Instant::now();
    while !STOP.load(SeqCst) {
        std::thread::sleep(TICK);
        if app.settings.follow.is_some_and(|pause| asked_chain.elapsed() >= pause) {
            catch_up(app);
            asked_chain = Instant::now();
        }
        app.books.look(channels::views(app));
        let resolved = channels::find_closing_transactions(app);
        let now = state(app);
        if resolved || now != before {
            before = now;
            changed();
        }
    }
}

fn catch_up(app: &App) {
    let known = app.node.status().current_best_block.block_hash.to_string();
    if app.chain.tip().is_ok_and(|tip| tip != known) {
        if let Err(error) = app.node.sync_wallets() {
            eprintln!("WARN sync_wallets: {error:?}");
        }
    }
}

/// Everything that a test can wait for, as text.
fn state(app: &App) -> String {
    let tip = app.node.status().current_best_block.block_hash;
    let peers: Vec<String> = app
        .node
        .list_peers()
        .iter()
        .filter(|peer| peer.is_connected)
        .map(|peer| peer.node_id.to_string())
        .collect();
    let channels: Vec<String> = channels::views(app).map(|(_, view)| view.to_string()).collect();
    let balances = app.node.list_balances();
    format!(
        "{tip} {peers:?} {channels:?} {} {}",
        balances.total_onchain_balance_sats, balances.spendable_onchain_balance_sats
    )
}
