//! What applying and undoing do where a real registry cannot easily be brought: to registries of
//! the tests' own making. The rest is tested against the embedded registries.

mod applying;
mod undoing;
mod world;
