//! `values-placeholder-secret`

use crate::finding::{Role, Severity};
use crate::rules::secrets::detect::{Verdict, masked, secrets_of};
use crate::rules::{ChartContext, Rule};
use crate::spec::Spec;

pub(super) struct ValuesPlaceholderSecret;

impl Rule for ValuesPlaceholderSecret {
    fn spec(&self) -> &'static Spec {
        spec!("values-placeholder-secret")
    }

    fn check_chart(&self, cx: &mut ChartContext<'_>) {
        for secret in secrets_of(cx) {
            if secret.verdict != Verdict::Placeholder {
                continue;
            }
            let message = format!("`{}` ships a default that everyone can read", secret.path);
            let finding = cx
                .finding(secret.location, Role::Values, message)
                .label(format!("placeholder, used as a secret: {}", masked(&secret.value)))
                .secret()
                .hide(&secret.value)
                .identity(format!("{}\0{}", secret.file, secret.path))
                .help(format!("leave the default empty and require it: `required \"{0} is needed\" .Values.{0}`", secret.path));
            let finding = secret.uses.iter().fold(finding, |finding, (location, message)| {
                finding.related(*location, Role::Template, message)
            });
            if secret.is_example { finding.severity(Severity::Info).report() } else { finding.report() }
        }
    }
}
