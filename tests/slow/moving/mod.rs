//! `tags rollback` and `tags promote` as processes against pairs of registries: killed anywhere,
//! refused in every way, counted, and in worlds drawn at random.

mod cost;
mod drawn;
mod failing;
mod killed;
mod scene;
