//! `file-not-loaded`

use std::collections::BTreeSet;

use crate::chart::SkipReason;
use crate::finding::Role;
use crate::rules::{ChartContext, Rule};
use crate::spec::Spec;

pub(super) struct FileNotLoaded;

/// Packed charts with a name that Helm does not look at.
const OTHER_ARCHIVES: [&str; 4] = [".tar.gz", ".tar", ".zip", ".tar.bz2"];

impl Rule for FileNotLoaded {
    fn spec(&self) -> &'static Spec {
        spec!("file-not-loaded")
    }

    fn check_chart(&self, cx: &mut ChartContext<'_>) {
        let mut names = BTreeSet::new();
        for skipped in &cx.chart().skipped {
            let name = skipped.name.to_utf8();
            match skipped.reason {
                SkipReason::HiddenSubchart => {
                    let top = name.split('/').take(2).collect::<Vec<_>>().join("/");
                    names.insert((top, "its name starts with `_` or `.`"));
                }
                SkipReason::NotInChart if OTHER_ARCHIVES.iter().any(|end| name.ends_with(end)) => {
                    names.insert((name.into_owned(), "Helm takes only `.tgz` for a packed chart"));
                }
                SkipReason::NotInChart | SkipReason::Ignored(_) => {}
            }
        }
        for (name, why) in names {
            let location = cx.chart_field("dependencies");
            cx.finding(location, Role::File, format!("`{name}` is not loaded: {why}"))
                .help("rename it so that Helm loads it, or list it in `.helmignore`")
                .report();
        }
    }
}
