//! The functions that charts can call: Sprig 3.3's text functions without `env` and `expandenv`, and Helm's own.
//! One file per chapter; each has a table `FUNCTIONS`.

use std::sync::OnceLock;

use chart_lint_template::FunctionTable;

mod cast;
pub(crate) mod crypto;
pub(crate) mod dates;
mod decimal;
pub(crate) mod dicts;
pub(crate) mod encoding;
pub(crate) mod flow;
pub(crate) mod helm;
pub(crate) mod json;
mod letter_tables;
mod letters;
pub(crate) mod lists;
pub(crate) mod math;
mod merge;
mod panics;
pub(crate) mod paths;
pub(crate) mod regexp;
mod rewriter;
pub(crate) mod semver;
pub(crate) mod strings;
pub(crate) mod toml;
pub(crate) mod urls;
mod words;
pub(crate) mod yaml;

/// All functions of Helm's engine.
pub(crate) fn table() -> &'static FunctionTable {
    static TABLE: OnceLock<FunctionTable> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut table = FunctionTable::with_builtins();
        for chapter in [
            crypto::FUNCTIONS,
            dates::FUNCTIONS,
            dicts::FUNCTIONS,
            encoding::FUNCTIONS,
            flow::FUNCTIONS,
            helm::FUNCTIONS,
            json::FUNCTIONS,
            lists::FUNCTIONS,
            math::FUNCTIONS,
            paths::FUNCTIONS,
            regexp::FUNCTIONS,
            semver::FUNCTIONS,
            strings::FUNCTIONS,
            toml::FUNCTIONS,
            urls::FUNCTIONS,
            yaml::FUNCTIONS,
        ] {
            table.extend(chapter);
        }
        table
    })
}
