//! `values-hardcoded-secret`

use crate::finding::{Role, Severity};
use crate::rules::secrets::detect::{Verdict, masked, secrets_of};
use crate::rules::{ChartContext, Rule};
use crate::spec::Spec;

pub(super) struct ValuesHardcodedSecret;

impl Rule for ValuesHardcodedSecret {
    fn spec(&self) -> &'static Spec {
        spec!("values-hardcoded-secret")
    }

    fn check_chart(&self, cx: &mut ChartContext<'_>) {
        for secret in secrets_of(cx) {
            if secret.verdict != Verdict::Hardcoded {
                continue;
            }
            let message = format!("`{}` holds a secret in clear text", secret.path);
            let finding = cx
                .finding(secret.location, Role::Values, message)
                .label(format!("looks like a secret: {}", masked(&secret.value)))
                .secret()
                .hide(&secret.value)
                .identity(format!("{}\0{}", secret.file, secret.path))
                .help("leave it empty and take it from a Secret that the chart does not make");
            let finding = secret.uses.iter().fold(finding, |finding, (location, message)| {
                finding.related(*location, Role::Template, message)
            });
            if secret.is_example { finding.severity(Severity::Info).report() } else { finding.report() }
        }
    }
}
