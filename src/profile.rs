//! Which rules are on.

use std::str::FromStr;

use crate::spec::{Spec, Tier};

/// A named set of rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Profile {
    /// What is broken, and what nobody wants.
    Essential,
    /// What most charts should have too.
    #[default]
    Recommended,
    /// What production asks for, documentation included.
    Strict,
    /// Kubernetes' Pod Security Standards, baseline.
    PssBaseline,
    /// Kubernetes' Pod Security Standards, restricted.
    PssRestricted,
    /// The CIS Kubernetes benchmark.
    Cis,
    /// The NSA's Kubernetes hardening guide.
    Nsa,
}

impl Profile {
    /// All profiles.
    pub const ALL: [Profile; 7] = [
        Profile::Essential,
        Profile::Recommended,
        Profile::Strict,
        Profile::PssBaseline,
        Profile::PssRestricted,
        Profile::Cis,
        Profile::Nsa,
    ];

    /// The name that users type.
    pub fn name(self) -> &'static str {
        match self {
            Profile::Essential => "essential",
            Profile::Recommended => "recommended",
            Profile::Strict => "strict",
            Profile::PssBaseline => "pss-baseline",
            Profile::PssRestricted => "pss-restricted",
            Profile::Cis => "cis",
            Profile::Nsa => "nsa",
        }
    }

    /// Whether a rule is on. What is broken is reported in every profile.
    pub fn includes(self, spec: &Spec) -> bool {
        let up_to = |tier| spec.tier <= tier || spec.profiles.iter().any(|name| name == self.name());
        let refers = |start: &str| spec.references.iter().any(|reference| reference.starts_with(start));
        spec.tier == Tier::Validity
            || match self {
                Profile::Essential => up_to(Tier::Default),
                Profile::Recommended => up_to(Tier::Recommended),
                Profile::Strict => up_to(Tier::Strict) || !spec.profiles.is_empty(),
                Profile::PssBaseline => refers("PSS-B"),
                Profile::PssRestricted => refers("PSS-"),
                Profile::Cis => refers("CIS"),
                Profile::Nsa => refers("NSA"),
            }
    }
}

impl FromStr for Profile {
    type Err = String;
    fn from_str(word: &str) -> Result<Profile, String> {
        Profile::ALL.into_iter().find(|profile| profile.name() == word).ok_or_else(|| {
            let names: Vec<&str> = Profile::ALL.iter().map(|profile| profile.name()).collect();
            format!("`{word}` is not a profile: use {}", names.join(", "))
        })
    }
}
