//! What every registry is to this library, as statements: the same ones for the
//! embedded registry and for those of others.
//!
//! A module for each registry says how a [`Subject`] is started; the macros make one test of each statement,
//! each with a registry of its own.
#![cfg(feature = "sandbox")]
#![expect(clippy::unwrap_used, reason = "the helpers of a test fail as tests do")]

pub(crate) mod access;
pub(crate) mod content;
pub(crate) mod copying;
pub(crate) mod deleting;
mod embedded;
pub(crate) mod judging;
pub(crate) mod listing;
mod pushing;
pub(crate) mod reading;
mod real;
pub(crate) mod referring;
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
            copying: an_image_arrives_bit_for_bit_and_is_not_sent_twice,
                what_lacks_below_a_root_that_is_there_is_sent,
                a_blob_of_a_sibling_is_mounted,
                signatures_and_attestations_follow_and_lists_are_completed,
                a_tag_is_created_and_never_moved,
                a_large_layer_arrives;
            judging: a_history_is_read_back_verified_and_gone_back_in;
            deleting: a_manifest_goes_with_all_its_tags_and_nothing_else,
                a_second_deletion_finds_nothing;
        }
    };
}

/// What holds of every registry from which single tags can be deleted.
macro_rules! single_tags {
    ($start:expr) => {
        crate::contract::statements! { $start;
            deleting: a_tag_goes_and_its_manifest_and_the_other_tags_stay,
                a_manifest_without_tags_is_still_there_to_be_deleted;
        }
    };
}

/// What holds of every registry that deletes whole manifests only.
macro_rules! whole_manifests {
    ($start:expr) => {
        crate::contract::statements! { $start;
            deleting: a_single_tag_cannot_be_deleted_and_nothing_happens;
        }
    };
}

/// What holds of every registry in which nothing may be deleted.
macro_rules! deletion_off {
    ($start:expr) => {
        crate::contract::statements! { $start;
            deleting: that_deletion_is_switched_off_is_told_with_the_way_to_allow_it;
        }
    };
}

/// What holds of every registry that lists manifests.
macro_rules! manifests_listed {
    ($start:expr) => {
        crate::contract::statements! { $start;
            listing: the_manifests_agree_with_the_tags,
                the_manifests_of_an_unknown_repository_are_an_error;
        }
    };
}

/// What holds of every registry that keeps account of referrers.
macro_rules! referrers_listed {
    ($start:expr) => {
        crate::contract::statements! { $start;
            referring: what_refers_to_a_manifest_is_listed;
        }
    };
}

/// What holds of every registry that keeps none.
macro_rules! referrers_unknown {
    ($start:expr) => {
        crate::contract::statements! { $start;
            referring: that_referrers_are_not_known_is_told_from_there_being_none;
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

pub(crate) use {
    deletion_off, guarded_registry, manifests_listed, plain_registry, referrers_listed,
    referrers_unknown, single_tags, statements, token_registry, whole_manifests,
};
