//! What retention decides, as statements: scenes written out, and what holds of every scene.

mod agreement;
mod drawn;
mod explaining;
mod in_use;
mod large;
mod limits;
mod properties;
mod put_back;
mod reached;
mod recorded;
mod releases;
mod scene;
mod seen;
mod small_world;
mod small_worlds;
mod storage;
