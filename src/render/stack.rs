//! Threads with room for what a chart may nest.

use std::cell::Cell;

use chart_lint_template::Limits;
use chart_lint_template::exec::STACK_PER_DEPTH;

thread_local! {
    static IS_LARGE: Cell<bool> = const { Cell::new(false) };
}

/// Bytes of stack for a render with the default limits. Only what is used of it takes memory.
pub fn stack_size() -> usize {
    Limits::default().depth * STACK_PER_DEPTH + (16 << 20)
}

/// Runs `work` on a thread whose stack is large enough for a render: this one, if it was made by this function.
pub fn with_large_stack<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    if IS_LARGE.get() {
        return work();
    }
    std::thread::scope(|scope| {
        let builder = std::thread::Builder::new().stack_size(stack_size());
        let spawned = builder.spawn_scoped(scope, || {
            IS_LARGE.set(true);
            work()
        });
        match spawned.map(std::thread::ScopedJoinHandle::join) {
            Ok(Ok(result)) => result,
            Ok(Err(panic)) => std::panic::resume_unwind(panic),
            // Without memory for another stack nothing can be done.
            Err(error) => panic!("cannot start a thread: {error}"),
        }
    })
}

/// Marks this thread as one whose stack is large enough: for the threads of a pool made with [`stack_size`].
pub(crate) fn mark_large() {
    IS_LARGE.set(true);
}
