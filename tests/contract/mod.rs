//! What every plain OCI registry is to this library, as statements: the same ones for the
//! embedded registry and for those of others.
//!
//! A test binary says how a [`Subject`] is started; the macros make one test of each statement,
//! each with a registry of its own.

pub(crate) mod access;
pub(crate) mod content;
pub(crate) mod judging;
pub(crate) mod listing;
mod pushing;
pub(crate) mod reading;
mod subject;
pub(crate) mod wholeness;

pub(crate) use subject::{ALICE, Backdoor, Client, Login, Subject};

/// One test for each statement. A start that gives nothing skips it.
macro_rules! statements {
    ($start:expr; $($group:ident: $($statement:ident),+;)+) => { $($(
        #[tokio::test]
        async fn $statement() {
            let subject: Option<crate::contract::Subject> = $start.await.into();
            if let Some(subject) = subject {
                crate::contract::$group::$statement(&subject).await;
            }
        }
    )+)+ };
}

/// What holds of every registry, whoever is let in.
macro_rules! plain_registry {
    ($start:expr) => {
        crate::contract::statements! { $start;
            listing: all_of_many_tags_are_listed,
                an_unknown_repository_is_an_error_and_not_an_empty_one;
            reading: every_format_comes_back_byte_for_byte,
                what_is_missing_is_an_answer_and_no_error;
            wholeness: a_whole_image_lacks_nothing,
                a_layer_that_was_removed_is_missed_even_with_a_warm_cache,
                a_config_that_was_removed_is_missed_even_with_a_warm_cache,
                a_child_that_was_removed_is_missed_even_with_a_warm_cache;
            judging: a_history_is_read_back_verified_and_gone_back_in;
        }
    };
}

/// What holds of every registry that wants a password, shown to it or to its token server.
macro_rules! guarded_registry {
    ($start:expr) => {
        crate::contract::statements! { $start;
            access: a_wrong_password_is_told_as_such, nobody_gets_in_without_credentials;
        }
    };
}

/// What holds of every registry with tokens.
macro_rules! token_registry {
    ($start:expr) => {
        crate::contract::statements! { $start;
            access: a_token_that_has_ended_is_renewed_unseen;
        }
    };
}

pub(crate) use {guarded_registry, plain_registry, statements, token_registry};
