//! How long `tags lint` takes: a workflow of one megabyte, and a directory of two hundred, by one
//! thread, and read by as many as the program would take.

use tags::lint::{ParsedFile, Source, lint, lint_parsed};

const HEAD: &str = "on: push\nenv: { REG: ghcr.io/acme }\njobs:\n";

fn main() {
    divan::main();
}

fn job(number: usize) -> String {
    format!(
        "  build-{number}:\n    runs-on: x\n    strategy: {{ matrix: {{ app: [frontend, backend] }} }}\n    steps:\n      - uses: docker/build-push-action@v6\n        with:\n          push: true\n          tags: |\n            ${{{{ env.REG }}}}/${{{{ matrix.app }}}}-{number}:prod-${{{{ github.sha }}}}\n            ${{{{ env.REG }}}}/${{{{ matrix.app }}}}-{number}:prod-latest\n      - run: |\n          TAG=\"prod-${{GITHUB_SHA}}\"\n          until docker pull \"$REG/${{{{ matrix.app }}}}-{number}:$TAG\"; do sleep 5; done\n"
    )
}

fn workflow(bytes: usize) -> Vec<u8> {
    let mut text = HEAD.to_owned();
    for number in 0.. {
        if text.len() >= bytes {
            break;
        }
        text.push_str(&job(number));
    }
    text.into_bytes()
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn a_workflow_of_a_megabyte(bencher: divan::Bencher<'_, '_>) {
    let source = [Source { name: "a.yml".to_owned(), bytes: workflow(1_000_000) }];
    bencher.bench(|| lint(&source, None));
}

/// A directory of two hundred workflows.
fn directory() -> Vec<Source> {
    let source = |n| Source { name: format!("{n}.yml"), bytes: workflow(4_000) };
    (0..200).map(source).collect()
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn two_hundred_workflows(bencher: divan::Bencher<'_, '_>) {
    let sources = directory();
    bencher.bench(|| lint(&sources, None));
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn two_hundred_workflows_read_by_threads(bencher: divan::Bencher<'_, '_>) {
    let sources = directory();
    let workers = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    let share = sources.len().div_ceil(workers);
    bencher.bench(|| {
        let parts = std::thread::scope(|scope| {
            let read = |part| scope.spawn(move || parsed(part));
            let threads: Vec<_> = sources.chunks(share).map(read).collect();
            threads.into_iter().map(|thread| thread.join().unwrap_or_default()).collect::<Vec<_>>()
        });
        lint_parsed(parts.into_iter().flatten().collect(), None)
    });
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn two_hundred_workflows_only_read(bencher: divan::Bencher<'_, '_>) {
    let sources = directory();
    bencher.bench(|| parsed(&sources));
}

fn parsed(sources: &[Source]) -> Vec<ParsedFile> {
    sources.iter().map(ParsedFile::parse).collect()
}
