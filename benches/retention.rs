//! The decision over 1,000,000 tags: 250,000 releases of two images in two registries. Divide
//! `max alloc` by a million for bytes a tag: of the contents that are read, of what deciding takes
//! besides, and of a plan that names each manifest.

use divan::{AllocProfiler, Bencher, black_box};
use tags::retention::{RetentionInput, plan, totals};

use million::{contents, policy, with_input};

#[path = "million/mod.rs"]
mod million;

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

fn main() {
    divan::main();
}

#[divan::bench(sample_count = 2, sample_size = 1)]
fn contents_of_a_million_tags(bencher: Bencher<'_, '_>) {
    let policy = policy();
    bencher.bench_local(|| contents(black_box(&policy)));
}

#[divan::bench(sample_count = 3, sample_size = 1)]
fn decision_over_a_million_tags(bencher: Bencher<'_, '_>) {
    measure(bencher, |input| assert!(totals(input).delete > 800_000));
}

#[divan::bench(sample_count = 2, sample_size = 1)]
fn plan_that_names_a_million_tags(bencher: Bencher<'_, '_>) {
    measure(bencher, |input| drop(black_box(plan(input))));
}

fn measure(bencher: Bencher<'_, '_>, act: impl Fn(&RetentionInput<'_>)) {
    let policy = policy();
    let contents = contents(&policy);
    with_input(&policy, &contents, |input| bencher.bench_local(|| act(black_box(input))));
}
