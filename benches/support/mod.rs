//! What the benches of whole charts share: measuring, and rendering as `chart-lint template` does.

// Each bench uses a part of it.
#![allow(dead_code)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use chart_lint::chart::Chart;
use chart_lint::lint::Settings;
use chart_lint::profile::Profile;
use chart_lint::render::host::Chance;
use chart_lint::render::objects::Capabilities;
use chart_lint::render::top::{Release, templates};
use chart_lint::render::{RenderOptions, TreeCache, manifests, render};
use chart_lint::rules::RULES;
use chart_lint::values::{PrepareOptions, ValueOptions, ValueOrigins, merge_user_values, prepare};
use chart_lint_template::{Limits, Origins};

/// What a piece of work took.
#[derive(Clone, Copy, Default)]
pub(crate) struct Cost {
    /// Time that passed.
    pub(crate) wall: Duration,
    /// Time that all threads worked.
    pub(crate) cpu: Duration,
    /// The most memory that the process held, in MiB.
    pub(crate) peak: f64,
}

/// Does something and measures it.
pub(crate) fn measure<T>(work: impl FnOnce() -> T) -> (T, Cost) {
    // The peak of this piece, and not of what came before. Where the system does not allow it, it is that of all.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
    let cpu = cpu_time();
    let start = Instant::now();
    let result = work();
    let wall = start.elapsed();
    (result, Cost { wall, cpu: cpu_time().saturating_sub(cpu), peak: peak_memory() })
}

/// User and system time of all threads.
fn cpu_time() -> Duration {
    let threads = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let times = threads.filter_map(|thread| {
        let text = std::fs::read_to_string(thread.path().join("schedstat")).ok()?;
        text.split_whitespace().next()?.parse::<u64>().ok()
    });
    Duration::from_nanos(times.sum())
}

/// `VmHWM`, in MiB.
fn peak_memory() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().next()).and_then(|word| word.parse::<f64>().ok());
    kib.unwrap_or(0.0) / 1024.0
}

/// Settings with the rules of a profile, or with none.
pub(crate) fn settings(profile: Option<Profile>) -> Settings {
    let mut settings = Settings::default();
    settings.rules.retain(|(rule, _)| profile.is_some_and(|profile| profile.includes(rule.spec())));
    debug_assert!(settings.rules.len() <= RULES.len());
    settings
}

/// What `chart-lint template` does after loading the chart: the bytes that it would print, or an error.
pub(crate) fn render_chart(
    chart: &Arc<Chart>,
    values: &ValueOptions,
    cache: &TreeCache,
) -> Result<usize, String> {
    let mut origins = Origins::disabled();
    let mut value_origins = ValueOrigins::new();
    let mut no_files = |path: &str| Err(format!("open {path}: no such file or directory"));
    let values = merge_user_values(values, &mut no_files, &mut origins, &mut value_origins);
    let values = values.map_err(|error| error.to_string())?;
    let options = PrepareOptions::default();
    let prepared = prepare(chart, &values, &options, &mut origins, &mut value_origins);
    let prepared = prepared.map_err(|error| error.to_string())?;
    let release =
        Release { name: "release-name".to_owned(), namespace: "default".to_owned(), is_upgrade: false };
    let capabilities = Capabilities::default();
    let templates = templates(&prepared, &release, &capabilities, &mut origins, &mut value_origins);
    let options =
        RenderOptions { chance: Chance::Fixed, limits: Limits::default(), stop_at_error: true, only: None };
    let rendered = render(templates.renderables, cache, origins, &options);
    if let Some(error) = rendered.errors.first() {
        return Err(error.message.clone());
    }
    let sorted = manifests::sort(&rendered.files);
    if let Some(error) = sorted.errors.first() {
        return Err(error.message.clone());
    }
    Ok(sorted.manifests.iter().chain(&sorted.hooks).map(|document| document.range.len()).sum())
}
