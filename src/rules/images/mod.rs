//! Images and where they come from.

use super::Rule;

rules! {
    image_latest_tag::{ImageLatestTag},
}
