//! A Lightning node of the crate ldk-node behind the driver protocol of boltgrid (docs/decisions/0002-driver-protocol.md).
mod app;
mod books;
mod chain;
mod compat;
mod events;
mod log;
mod operations;
mod protocol;
mod start;
mod volatile;
mod watch;

use app::App;
use protocol::{internal, not_ready, rejected, reply, Fault, Params, Request, MAX_LINE_BYTES, START};
use std::io::{stdin, BufRead, Read};
use std::process::exit;
use std::sync::{Arc, Mutex, OnceLock};
use std::thread::spawn;

/// EX_USAGE: what came is no request.
const BAD_INPUT: i32 = 64;

static APP: OnceLock<Arc<App>> = OnceLock::new();
static STARTING: Mutex<()> = Mutex::new(());

fn main() {
    if std::env::args().nth(1).as_deref() == Some("--version") {
        println!("{}", app::version());
        return;
    }
    watch::handle_signals();
    let mut input = stdin().lock();
    loop {
        let mut line = Vec::new();
        let read = input.by_ref().take(MAX_LINE_BYTES + 1).read_until(b'\n', &mut line);
        if line.len() as u64 > MAX_LINE_BYTES {
            eprintln!("ERROR a request of more than {MAX_LINE_BYTES} bytes");
            exit(BAD_INPUT);
        }
        if line.last() != Some(&b'\n') || read.is_err() {
            stop(); // The parent closed it, or died: a node never outlives the run that started it.
        }
        let request: Request = serde_json::from_slice(&line).unwrap_or_else(|error| {
            eprintln!("ERROR what came is no request: {error}");
            exit(BAD_INPUT)
        });
        // A payment may take as long as it likes: each request has a thread of its own.
        spawn(move || {
            let id = request.id;
            reply(id, answer(request));
        });
    }
}

fn answer(request: Request) -> Result<serde_json::Value, Fault> {
    if request.op == START {
        return start_once(request);
    }
    let app = APP.get().ok_or_else(|| not_ready("not started"))?;
    operations::perform(app, &request.op, Params(request.params))
}

fn start_once(request: Request) -> Result<serde_json::Value, Fault> {
    let _turn = STARTING.lock().map_err(internal)?;
    if APP.get().is_some() {
        return Err(rejected("already started"));
    }
    let (app, result) = start::start(request.params)?;
    let app = APP.get_or_init(|| Arc::new(app));
    let follower = Arc::clone(app);
    spawn(move || events::follow(&follower));
    let watcher = Arc::clone(app);
    spawn(move || {
        watch::watch(&watcher);
        stop()
    });
    Ok(result)
}

/// Puts the state on disk and ends the process.
fn stop() -> ! {
    let _turn = STARTING.lock();
    match APP.get().map(|app| app.node.stop()) {
        Some(Err(error)) => {
            eprintln!("ERROR stopping: {error:?}");
            exit(1)
        }
        _ => exit(0),
    }
}
