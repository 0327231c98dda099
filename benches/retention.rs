//! The decision over up to 5,000,000 tags of two images in two registries. Divide `max alloc` by the
//! number of tags for bytes a tag: of the contents that are read, of what deciding takes besides, and of
//! a plan that names each manifest.

use divan::{AllocProfiler, Bencher, black_box};
use tags::retention::{RetentionInput, plan, totals};

use million::{answers, contents, policy, with_input};

#[path = "million/mod.rs"]
mod million;

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

const SIZES: [usize; 4] = [10_000, 100_000, 1_000_000, 5_000_000];

fn main() {
    divan::main();
}

#[divan::bench(args = SIZES, sample_count = 3, sample_size = 1)]
fn contents_from_texts(bencher: Bencher<'_, '_>, tags: usize) {
    let (policy, answers) = (policy(), answers(tags));
    bencher.bench_local(|| contents(black_box(&policy), black_box(&answers)));
}

#[divan::bench(args = SIZES, sample_count = 5, sample_size = 1)]
fn decision(bencher: Bencher<'_, '_>, tags: usize) {
    measure(bencher, tags, |input| assert!(totals(input).delete > tags / 10 * 8));
}

#[divan::bench(args = [1_000_000], sample_count = 2, sample_size = 1)]
fn plan_that_names_each_manifest(bencher: Bencher<'_, '_>, tags: usize) {
    measure(bencher, tags, |input| drop(black_box(plan(input))));
}

fn measure(bencher: Bencher<'_, '_>, tags: usize, act: impl Fn(&RetentionInput<'_>)) {
    let policy = policy();
    let contents = contents(&policy, &answers(tags));
    with_input(&policy, &contents, |input| bencher.bench_local(|| act(black_box(input))));
}
