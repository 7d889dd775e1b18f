//! The functions that charts can call: Sprig 3.3's text functions without `env` and `expandenv`, and Helm's own.
//! One file per chapter; each has a table `FUNCTIONS`.

use std::sync::OnceLock;

use chart_lint_template::FunctionTable;

pub(crate) mod encoding;
pub(crate) mod helm;
pub(crate) mod json;
pub(crate) mod regexp;
pub(crate) mod semver;

/// All functions of Helm's engine.
pub(crate) fn table() -> &'static FunctionTable {
    static TABLE: OnceLock<FunctionTable> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut table = FunctionTable::with_builtins();
        for chapter in [encoding::FUNCTIONS, helm::FUNCTIONS, json::FUNCTIONS, regexp::FUNCTIONS, semver::FUNCTIONS] {
            table.extend(chapter);
        }
        table
    })
}
