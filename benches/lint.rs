//! How long `tags lint` takes: a workflow of one megabyte, and a set of two hundred.

use tags::lint::{Source, lint};

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

#[divan::bench(sample_count = 5, sample_size = 1)]
fn two_hundred_workflows(bencher: divan::Bencher<'_, '_>) {
    let source = |n| Source { name: format!("{n}.yml"), bytes: workflow(4_000) };
    let sources: Vec<Source> = (0..200).map(source).collect();
    bencher.bench(|| lint(&sources, None));
}
