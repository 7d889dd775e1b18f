//! The rules. Each has a specification in `rules/<id>.md`, which says what it is, and a file here, which says what it
//! does. A rule looks at objects, containers, a whole scenario or a whole chart, and reports what is wrong through a
//! context that knows the places.

mod cache;
mod context;
pub(crate) mod helpers;
pub(crate) mod statics;

pub(crate) use cache::ChartCache;
pub use context::{ChartContext, FindingBuilder, RuleContext};
pub(crate) use context::{Shared, is_of_dependency};
pub use secrets::detect::Secrets;
pub(crate) use secrets::detect::{NO_SECRETS, mask_all, mask_in_place, masked, secrets_to_mask};

use std::sync::LazyLock;

use crate::manifest::{Container, Object, Workload};
use crate::spec::Spec;

/// Something that can be wrong with a chart.
///
/// The driver calls each hook for all that there is of its kind; a rule overrides those it needs. Rules have no state
/// and cannot fail.
pub trait Rule: Sync {
    /// What the rule is.
    fn spec(&self) -> &'static Spec;
    /// Once for each chart, after all its scenarios.
    fn check_chart(&self, _cx: &mut ChartContext<'_>) {}
    /// Once for each scenario: for what several objects have to do with each other.
    fn check_scenario(&self, _cx: &mut RuleContext<'_>) {}
    /// For each object.
    fn check_object(&self, _cx: &mut RuleContext<'_>, _object: &Object) {}
    /// For each object with a pod specification.
    fn check_workload(&self, _cx: &mut RuleContext<'_>, _workload: &Workload<'_>) {}
    /// For each container of each workload.
    fn check_container(
        &self,
        _cx: &mut RuleContext<'_>,
        _workload: &Workload<'_>,
        _container: &Container<'_>,
    ) {
    }
}

/// The specification of a rule, read once from its file.
macro_rules! spec {
    ($id:literal) => {{
        static SPEC: std::sync::OnceLock<$crate::spec::Spec> = std::sync::OnceLock::new();
        SPEC.get_or_init(|| {
            // A specification that does not parse is found by the tests of the specifications.
            $crate::spec::Spec::parse(include_str!(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/rules/",
                $id,
                ".md"
            )))
            .unwrap_or_else(|error| panic!("rules/{}.md: {error}", $id))
        })
    }};
}

/// Declares the modules of a category and lists their rules: `module::{Rule, Other}`.
macro_rules! rules {
    ($($module:ident :: {$($rule:ident),* $(,)?}),* $(,)?) => {
        $(mod $module;)*
        /// The rules of the category.
        pub(super) const RULES: &[&dyn Rule] = &[$($(&$module::$rule),*),*];
    };
}

/// Declares the categories.
macro_rules! categories {
    ($($category:ident),* $(,)?) => {
        $(mod $category;)*
        const CATEGORIES: &[&[&dyn Rule]] = &[$($category::RULES),*];
    };
}

categories! {
    autoscaling,
    availability,
    chart,
    ci,
    configuration,
    docs,
    images,
    ingress,
    namespaces,
    network,
    observability,
    payloads,
    probes,
    rbac,
    references,
    rendering,
    resources,
    secrets,
    security,
    storage,
    templates,
    values,
}

/// All rules, in order of id.
pub static RULES: LazyLock<Vec<&'static dyn Rule>> = LazyLock::new(|| {
    let mut rules: Vec<&'static dyn Rule> = CATEGORIES.concat();
    rules.sort_by(|one, other| one.spec().id.cmp(&other.spec().id));
    rules
});

/// A rule by its id.
pub fn find(id: &str) -> Option<&'static dyn Rule> {
    let index = RULES.binary_search_by(|rule| rule.spec().id.as_str().cmp(id)).ok()?;
    Some(RULES[index])
}
