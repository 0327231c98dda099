//! Which release is older, which is current, and what to go back to: scenarios and properties.

mod commit;
mod current;
mod order;
mod properties;
pub(crate) mod scene;
mod way_back;
