//! A line on the terminal that says how far a long run is.

use std::io::{IsTerminal, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// Runs that are shorter need no progress.
const PATIENCE: Duration = Duration::from_secs(1);
const STEP: Duration = Duration::from_millis(100);

/// Counts what is done; draws on standard error if that is a terminal and the run takes long.
pub(super) struct Progress {
    done: Arc<AtomicUsize>,
    over: Arc<AtomicBool>,
    drawer: Option<JoinHandle<()>>,
}

impl Progress {
    pub(super) fn new(total: usize, quiet: bool) -> Progress {
        let (done, over) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
        let drawer = (!quiet && total > 1 && std::io::stderr().is_terminal()).then(|| {
            let (done, over) = (Arc::clone(&done), Arc::clone(&over));
            std::thread::spawn(move || draw(total, &done, &over))
        });
        Progress { done, over, drawer }
    }

    /// One more is done.
    pub(super) fn step(&self) {
        self.done.fetch_add(1, Ordering::Relaxed);
    }

    /// Takes the line away.
    pub(super) fn finish(self) {
        self.over.store(true, Ordering::Relaxed);
        if let Some(drawer) = self.drawer {
            drawer.thread().unpark();
            // It only draws: if it fails, nothing is lost.
            let _ = drawer.join();
        }
    }
}

fn draw(total: usize, done: &AtomicUsize, over: &AtomicBool) {
    const WIDTH: usize = 30;
    std::thread::park_timeout(PATIENCE);
    let mut err = std::io::stderr();
    while !over.load(Ordering::Relaxed) {
        let now = done.load(Ordering::Relaxed);
        let filled = WIDTH * now / total.max(1);
        let bar = "━".repeat(filled) + &"─".repeat(WIDTH - filled);
        if write!(err, "\r{bar} {now} of {total} charts").and_then(|()| err.flush()).is_err() {
            return;
        }
        std::thread::park_timeout(STEP);
    }
    let _ = write!(err, "\r\x1b[K").and_then(|()| err.flush());
}
