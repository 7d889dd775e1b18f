//! Time zones by name, from the data in the program: the same on every machine.

use std::sync::OnceLock;

use jiff::Timestamp;
use jiff::tz::{TimeZone, TimeZoneDatabase};

/// The zone of a name, written as the database writes it.
pub(super) fn find(name: &[u8]) -> Option<TimeZone> {
    static DATABASE: OnceLock<TimeZoneDatabase> = OnceLock::new();
    let name = std::str::from_utf8(name).ok()?;
    let name = name.strip_prefix("posix/").unwrap_or(name);
    let zone = DATABASE.get_or_init(TimeZoneDatabase::bundled).get(name).ok()?;
    // The names of files in Go's database: their case counts.
    (zone.iana_name() == Some(name)).then_some(zone)
}

/// The abbreviation and offset in effect at a moment, in seconds since 1970.
pub(super) fn at(zone: &TimeZone, unix: i64) -> (String, i64) {
    /// The rules for the future repeat with the calendar.
    const CYCLE: i64 = 146_097 * 86_400;
    let (min, max) = (Timestamp::MIN.as_second(), Timestamp::MAX.as_second() - CYCLE);
    let known = if unix > max { max - CYCLE + (unix - max).rem_euclid(CYCLE) } else { unix.max(min) };
    let moment = Timestamp::from_second(known).unwrap_or_default();
    let info = zone.to_offset_info(moment);
    (info.abbreviation().to_owned(), i64::from(info.offset().seconds()))
}
