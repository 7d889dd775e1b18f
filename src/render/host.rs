//! What the functions of a render may know besides their arguments: the clock, random numbers, and how deep
//! `include` is nested. Nothing here reads the environment, the network or a file.

use std::collections::HashMap;

use chart_lint_template::{State, Str};
use rustc_hash::FxBuildHasher;

/// Where time and random numbers come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chance {
    /// As Helm: the system's clock and random numbers.
    System,
    /// Always the same, so that two lint runs say the same.
    Fixed,
}

/// The state of one render that functions share; see [`State::host`].
pub(crate) struct Host {
    /// How often each template is being included right now.
    pub(crate) included: HashMap<Str, usize, FxBuildHasher>,
    /// Where time and random numbers come from.
    pub(crate) chance: Chance,
    /// The state of the fixed generator.
    seed: u64,
}

impl Host {
    pub(crate) fn new(chance: Chance) -> Host {
        Host { included: HashMap::default(), chance, seed: 0x9E37_79B9_7F4A_7C15 }
    }

    /// Seconds and nanoseconds since 1970.
    pub(crate) fn now(&self) -> (i64, u32) {
        match self.chance {
            // 2024-01-01T00:00:00Z
            Chance::Fixed => (1_704_067_200, 0),
            Chance::System => {
                let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
                since.map_or((0, 0), |d| (d.as_secs() as i64, d.subsec_nanos()))
            }
        }
    }

    /// Fills a buffer with random bytes.
    pub(crate) fn random(&mut self, buffer: &mut [u8]) {
        if self.chance == Chance::System && getrandom::fill(buffer).is_ok() {
            return;
        }
        for chunk in buffer.chunks_mut(8) {
            // splitmix64: small, and good enough for names and passwords that nobody will use.
            self.seed = self.seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut z = self.seed;
            z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            z ^= z >> 31;
            chunk.copy_from_slice(&z.to_le_bytes()[..chunk.len()]);
        }
    }
}

/// The host of a state that [`crate::render`] made.
pub(crate) fn host<'s>(state: &'s mut State<'_>) -> Option<&'s mut Host> {
    state.host::<Host>()
}
