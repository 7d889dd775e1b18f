//! Configuration inside ConfigMaps, arguments and environments: nginx, databases, shell.

use super::Rule;

rules! {
}
