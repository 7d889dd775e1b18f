//! Versions of Kubernetes: those that are known, and those that a chart says it runs on.

use std::fmt;

use crate::semver::{Constraints, Version};

/// A minor version of Kubernetes 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Minor(pub(crate) u16);

/// The newest version that the tables know.
pub(crate) const NEWEST: Minor = Minor(36);
/// The oldest version that the project still supports, when [`NEWEST`] is the newest.
pub(crate) const OLDEST_SUPPORTED: Minor = Minor(34);
/// A version that may still come: constraints without an upper bound allow it.
const FUTURE: Minor = Minor(99);

impl fmt::Display for Minor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "1.{}", self.0)
    }
}

/// The versions that a chart allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Range {
    /// The lowest, if the chart sets one: [`Minor`] 0 is no bound.
    pub(crate) lowest: Option<Minor>,
    /// The highest known one.
    pub(crate) highest: Minor,
}

impl Range {
    /// The versions that a `kubeVersion` of `Chart.yaml` allows; nothing if it cannot be read or allows none.
    pub(crate) fn parse(constraint: &str) -> Option<Range> {
        if constraint.trim().is_empty() {
            return Some(Range { lowest: None, highest: NEWEST });
        }
        let constraints = Constraints::parse(constraint.as_bytes()).ok()?;
        // A patch release of each minor version, and what cloud providers make of it.
        let allows = |minor: u16| {
            ["0", "0-0", "99", "99-0"].iter().any(|patch| {
                let version = Version::parse(format!("v1.{minor}.{patch}").as_bytes());
                version.is_ok_and(|version| constraints.check(&version))
            })
        };
        let allowed: Vec<u16> = (0..=NEWEST.0).filter(|&minor| allows(minor)).collect();
        match (allowed.first(), allowed.last()) {
            (Some(&lowest), Some(&highest)) => {
                Some(Range { lowest: (lowest > 0).then_some(Minor(lowest)), highest: Minor(highest) })
            }
            _ if allows(FUTURE.0) => Some(Range { lowest: Some(FUTURE), highest: FUTURE }),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Minor, NEWEST, Range};

    #[test]
    fn constraints_become_ranges() {
        let range =
            |text: &str| Range::parse(text).map(|range| (range.lowest.map(|minor| minor.0), range.highest.0));
        assert_eq!(range(""), Some((None, NEWEST.0)));
        assert_eq!(range(">=1.25.0-0"), Some((Some(25), NEWEST.0)));
        assert_eq!(range(">=1.19.0 <1.25.0"), Some((Some(19), 24)));
        assert_eq!(range("^1.20"), Some((Some(20), NEWEST.0)));
        assert_eq!(range("1.22.x"), Some((Some(22), 22)));
        assert_eq!(range("< 1.10.0-0 || >= 1.30.2"), Some((None, NEWEST.0)));
        assert_eq!(range(">=2.0.0"), None);
        assert_eq!(range("latest"), None);
        assert_eq!(Minor(22).to_string(), "1.22");
    }
}
