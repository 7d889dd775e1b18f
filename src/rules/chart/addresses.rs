//! Maintainers and addresses in `Chart.yaml`: `chart-maintainer-invalid`, `chart-url-invalid`

use super::chart_yaml::{chart_yamls, text};
use crate::finding::Role;
use crate::render::functions::urls::Url;
use crate::rules::{ChartContext, Rule};
use crate::spec::Spec;
use crate::values::tree::TreeValue;

pub(super) struct ChartMaintainerInvalid;

impl Rule for ChartMaintainerInvalid {
    fn spec(&self) -> &'static Spec {
        spec!("chart-maintainer-invalid")
    }

    fn check_chart(&self, cx: &mut ChartContext<'_>) {
        for file in chart_yamls(cx) {
            let Some(list) = file.field("maintainers") else { continue };
            for item in file.tree.items(list).collect::<Vec<_>>() {
                let is_map = matches!(file.tree.get(item), TreeValue::Map);
                if !is_map {
                    // Anything but a mapping or nothing is no `Chart.yaml` at all.
                    if matches!(file.tree.get(item), TreeValue::Null) {
                        let location = file.tree.location(item);
                        let place = if location.span.is_empty() { file.place(list) } else { location };
                        cx.finding(place, Role::File, "a maintainer is empty")
                            .help("give a `name`, or remove the entry")
                            .report();
                    }
                    continue;
                }
                let field = |name: &str| {
                    let node = file.tree.key(item, name.as_bytes())?;
                    Some((file.place(node), text(file.tree, node)?))
                };
                let start = file.tree.entries(item).next().map(|(_, location, _)| location);
                let name = field("name").filter(|(_, name)| !name.is_empty());
                let who = name.as_ref().map_or_else(String::new, |(_, name)| format!(" of maintainer `{name}`"));
                if name.is_none() {
                    let place = start.unwrap_or_else(|| file.tree.location(item));
                    cx.finding(place, Role::File, "a maintainer has no name").help("give a `name`").report();
                }
                if let Some((place, email)) = field("email").filter(|(_, email)| !email.is_empty())
                    && !is_email(&email)
                {
                    cx.finding(place, Role::File, format!("`{email}`{who} is no e-mail address"))
                        .help("write it as `name@example.com`, or leave it out")
                        .report();
                }
                if let Some((place, url)) = field("url").filter(|(_, url)| !url.is_empty())
                    && !is_page(&url)
                {
                    cx.finding(place, Role::File, format!("`{url}`{who} is no address of a page"))
                        .help("write it with `https://`, or leave it out")
                        .report();
                }
            }
        }
    }
}

pub(super) struct ChartUrlInvalid;

impl Rule for ChartUrlInvalid {
    fn spec(&self) -> &'static Spec {
        spec!("chart-url-invalid")
    }

    fn check_chart(&self, cx: &mut ChartContext<'_>) {
        for file in chart_yamls(cx) {
            let mut nodes: Vec<_> =
                ["icon", "home"].into_iter().filter_map(|name| Some((name, file.field(name)?))).collect();
            if let Some(sources) = file.field("sources") {
                nodes.extend(file.tree.items(sources).map(|item| ("sources", item)));
            }
            for (name, node) in nodes {
                let place = file.place(node);
                let written = match file.tree.get(node) {
                    TreeValue::String(text) => text.to_utf8().into_owned(),
                    TreeValue::Null => String::new(),
                    _ => continue,
                };
                if written.is_empty() && name != "sources" || is_request_url(&written) {
                    continue;
                }
                let message = if written.is_empty() {
                    "an entry of `sources` is empty".to_owned()
                } else {
                    format!("`{written}` in `{name}` is no address")
                };
                cx.finding(place, Role::File, message).help("write the whole address, with `https://`").report();
            }
        }
    }
}

/// Whether a text is an address with a scheme, as Helm asks of icons and sources.
pub(super) fn is_request_url(text: &str) -> bool {
    !text.contains(' ') && Url::parse(text.as_bytes()).is_ok_and(|url| !url.scheme.is_empty())
}

/// Whether a text is the address of a page, with or without a scheme.
fn is_page(text: &str) -> bool {
    let with_scheme =
        if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
    let Ok(url) = Url::parse(with_scheme.as_bytes()) else { return false };
    let host = String::from_utf8_lossy(url.hostname()).into_owned();
    let known = ["http", "https", "ftp", "tcp", "udp", "ws", "wss", "irc", "rtmp"];
    known.iter().any(|known| url.scheme == known.as_bytes())
        && !host.is_empty()
        && !host.starts_with('.')
        && !text.contains(' ')
        && (text.contains("://") || host.contains('.'))
        && host.chars().all(|c| c.is_alphanumeric() || "-_.:".contains(c))
}

/// Whether a text is an e-mail address.
fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let is_local = |c: char| c.is_alphanumeric() || "!#$%&'*+/=?^_`{|}~.-".contains(c);
    let is_label =
        |label: &str| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_');
    !local.is_empty()
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && local.chars().all(is_local)
        && domain.contains('.')
        && domain.trim_end_matches('.').split('.').all(is_label)
        && domain.trim_end_matches('.').rsplit('.').next().is_some_and(|top| !top.starts_with(|c: char| c.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::{is_email, is_page, is_request_url};

    #[test]
    fn addresses_are_told_from_other_texts() {
        assert!(is_request_url("https://example.com/a.svg") && is_request_url("data:image/png;base64,AA=="));
        assert!(!is_request_url("example.com") && !is_request_url("/a.svg") && !is_request_url(""));
        assert!(is_page("https://example.com") && is_page("example.com/me") && is_page("http://localhost"));
        assert!(!is_page("no address") && !is_page("me"));
        // Helm takes what comes before the at sign for a user name.
        assert!(is_page("mailto:me@example.com"));
        assert!(is_email("a.b+c@example.com") && is_email("1+a@users.noreply.example.com"));
        assert!(!is_email("a@b") && !is_email("a at example.com") && !is_email("@example.com"));
    }
}
