//! `nothing-rendered`

use crate::finding::Role;
use crate::rules::{ChartContext, Rule};
use crate::spec::Spec;

pub(super) struct NothingRendered;

impl Rule for NothingRendered {
    fn spec(&self) -> &'static Spec {
        spec!("nothing-rendered")
    }

    fn check_chart(&self, cx: &mut ChartContext<'_>) {
        let failed = cx.scenarios.iter().any(|scenario| {
            scenario.failure.is_some() || !scenario.rendered.errors.is_empty() || !scenario.unreadable.is_empty()
        });
        let rendered = cx.scenarios.iter().any(|scenario| !scenario.objects.is_empty());
        // What failed is reported as what it is. Custom resource definitions are installed without being rendered.
        let chart = cx.chart();
        let is_library = chart.metadata.is_library();
        let has_crds = chart.files.iter().any(|file| file.name.starts_with(b"crds/"));
        if failed || rendered || is_library || has_crds || cx.scenarios.is_empty() {
            return;
        }
        let message = match cx.scenarios.len() {
            1 => "the chart renders no object with its default values: nothing was checked".to_owned(),
            n => format!("the chart renders no object in any of {n} scenarios: nothing was checked"),
        };
        cx.finding(cx.chart_field("name"), Role::File, message)
            .help("add values that switch its templates on: `ci/full-values.yaml`, a scenario in `.chart-lint.yaml`, or `-f`")
            .report();
    }
}
