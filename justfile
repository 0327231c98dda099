# Daily commands; `just` lists them. None needs root.

_default:
    @just --list --unsorted

# Formatting and lints
check:
    cargo fmt --check
    cargo clippy --locked --all-targets -- -D warnings

# All tests, or those whose name contains FILTER
test FILTER="":
    cargo test --locked {{FILTER}}

# The searches that take long: exhaustive kills, all small worlds, 100,000 seeds
test-slow:
    TAGS_EXHAUSTIVE=1 cargo test --locked --release

# Switches each protection off in a copy of the sources; a test must fail for each. WHICH: a clause, a word, or all
protections WHICH="all":
    TAGS_PROTECTIONS={{WHICH}} cargo test --locked --test library without_a_protection

# The documentation of the library, in a browser
docs:
    cargo doc --locked --no-deps --open

# A bench by its name: pure, retention, apply, first_plan, start_up, lint, tag_resolution
bench NAME:
    cargo bench --locked --bench {{NAME}}

# The whole gate, with what is installed already
gate:
    INSTALL=no .ci/run

# Measures everyday work beside other programs, and writes the page
benchmarks:
    cargo bench --locked --bench page > docs/benchmarks.md

# Registries to try things against
sandbox *ARGS:
    cargo run --locked -- sandbox {{ARGS}}
