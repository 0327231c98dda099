//! The program as users meet it: exit codes, JSON, messages, files, each against real HTTP.

mod contents;
mod credentials;
mod formats;
mod github;
mod releases;
mod terminal;
mod unread;
mod usage;
mod verify;
mod world;
