//! What is packed with a chart besides templates: `crd-directory-invalid`, `sensitive-file-packaged`

use bstr::ByteSlice;
use chart_lint_yaml::{Target, decode};

use crate::chart::File;
use crate::finding::Role;
use crate::render::manifests::split;
use crate::rules::{ChartContext, Rule};
use crate::source::{Location, Span};
use crate::spec::Spec;

pub(super) struct CrdDirectoryInvalid;

impl Rule for CrdDirectoryInvalid {
    fn spec(&self) -> &'static Spec {
        spec!("crd-directory-invalid")
    }

    fn check_chart(&self, cx: &mut ChartContext<'_>) {
        for chart in cx.charts() {
            if let Some(file) = chart.files.iter().find(|file| file.name == "crds") {
                cx.finding(cx.start_of(file.source), Role::File, "`crds` is a file, not a folder")
                    .help("make it a folder with the definitions in it")
                    .report();
            }
            for file in chart.crds() {
                for range in split(&file.data) {
                    check_document(cx, file, range);
                }
            }
        }
    }
}

fn check_document(cx: &mut ChartContext<'_>, file: &File, range: std::ops::Range<usize>) {
    let at = |start: usize, end: usize| Location {
        file: file.source,
        span: Span::new((range.start + start) as u32, (range.start + end) as u32),
    };
    let text = &file.data[range.clone()];
    let move_it = "move it to `templates/`: Helm installs `crds/` once, and never upgrades or removes it";
    let tree = match decode(text, Target::Any) {
        Ok(tree) => tree,
        Err(error) => {
            let (place, message) = match text.find("{{") {
                Some(start) => {
                    let end = text[start..].find_byte(b'\n').map_or(text.len(), |end| start + end);
                    (at(start, end), "files in `crds/` are no templates: the action is not run".to_owned())
                }
                None => (at(error.span().range().start, error.span().range().end), format!("the file is no YAML: {error}")),
            };
            cx.finding(place, Role::File, message)
                .help("write the definition as it is, or move it to `templates/`")
                .report();
            return;
        }
    };
    let root = tree.root();
    if root.is_null() {
        return;
    }
    let field = |name: &str| {
        let entry = root.as_map()?.entry(name.as_bytes())?;
        let value = entry.value.as_str().map(|text| String::from_utf8_lossy(text).into_owned());
        Some((value.unwrap_or_default(), entry.value.span().range()))
    };
    let (kind, place) = field("kind").unwrap_or_default();
    let place = if place.is_empty() { 0..1 } else { place };
    let (api_version, version_place) = field("apiVersion").unwrap_or_default();
    if kind != "CustomResourceDefinition" {
        let what = if kind.is_empty() { "a document without kind".to_owned() } else { format!("a {kind}") };
        cx.finding(at(place.start, place.end), Role::File, format!("{what} lies in `crds/`, not a definition"))
            .help(move_it)
            .report();
    } else if !api_version.starts_with("apiextensions.k8s.io") {
        cx.finding(
            at(version_place.start, version_place.end.max(version_place.start + 1)),
            Role::File,
            format!("`{api_version}` is no version of CustomResourceDefinition"),
        )
        .help("write `apiVersion: apiextensions.k8s.io/v1`")
        .report();
    }
}

pub(super) struct SensitiveFilePackaged;

impl Rule for SensitiveFilePackaged {
    fn spec(&self) -> &'static Spec {
        spec!("sensitive-file-packaged")
    }

    fn check_chart(&self, cx: &mut ChartContext<'_>) {
        let chart = cx.chart();
        // Of a folder one file is enough.
        let mut folders: Vec<String> = Vec::new();
        for file in &chart.raw {
            let name = file.name.to_utf8().into_owned();
            if name.starts_with("charts/") {
                continue;
            }
            if let Some(folder) = [".git/", ".terraform/", "node_modules/", ".ssh/", ".aws/"]
                .iter()
                .find(|folder| name.starts_with(**folder) || name.contains(&format!("/{folder}")))
            {
                if !folders.iter().any(|known| known == folder) {
                    folders.push((*folder).to_owned());
                    let shown = folder.trim_end_matches('/');
                    cx.finding(cx.start_of(file.source), Role::File, format!("folder `{shown}` is packed with the chart"))
                        .help(format!("add `{folder}` to .helmignore"))
                        .report();
                }
                continue;
            }
            let Some(what) = sensitive(&name, &file.data) else { continue };
            cx.finding(cx.start_of(file.source), Role::File, format!("`{name}` is packed with the chart: {what}"))
                .help(format!("add `{name}` to .helmignore"))
                .report();
        }
    }
}

/// What a file is that should not be published.
fn sensitive(name: &str, data: &[u8]) -> Option<&'static str> {
    let base = name.rsplit('/').next().unwrap_or(name);
    let is_template = data.contains_str("{{");
    let words: Vec<&str> = base.split(['.', '-', '_']).collect();
    let ends = |end: &str| base.ends_with(end);
    // A public certificate, or a template that makes one, is no secret.
    let has_key = data.contains_str("PRIVATE KEY");
    if base == ".env" || base.starts_with(".env.") && !["example", "sample", "template", "dist"].iter().any(|word| ends(word)) {
        Some("it usually holds credentials")
    } else if matches!(base, "id_rsa" | "id_dsa" | "id_ecdsa" | "id_ed25519") || ends(".ppk") {
        Some("it is a private key")
    } else if ends(".p12") || ends(".pfx") || ends(".jks") || ends(".keystore") {
        Some("it is a store of keys")
    } else if (ends(".pem") || ends(".key") || ends(".crt")) && has_key && !is_template {
        Some("it holds a private key")
    } else if base == "kubeconfig" || ends(".kubeconfig") || name.ends_with(".kube/config") {
        Some("it gives access to a cluster")
    } else if ends(".tfstate") || ends(".tfstate.backup") {
        Some("a state of Terraform holds credentials")
    } else if matches!(base, ".htpasswd" | ".netrc" | ".pgpass" | ".dockerconfigjson" | ".npmrc") && !data.is_empty() {
        Some("it usually holds credentials")
    } else if matches!(words.first(), Some(&("values" | "secrets" | "secret")))
        && words.contains(&"values")
        && (words.contains(&"secret") || words.contains(&"secrets"))
        && (ends(".yaml") || ends(".yml"))
        && !words.iter().any(|word| matches!(*word, "example" | "sample" | "ci" | "test" | "enc" | "sops"))
        && !name.starts_with("templates/")
        && !["ci/", "test/", "tests/", "examples/"].iter().any(|folder| name.starts_with(folder))
        && !data.contains_str("sops:")
    {
        Some("it looks like the secret part of somebody's values")
    } else {
        None
    }
}
