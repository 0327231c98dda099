//! Runs the programs that tell what runs: `kubectl`, `docker` and `ssh`.

use std::io::{self, ErrorKind};
use std::pin::pin;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tags::command::{ProgramCall, ProgramError, Programs};
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::{Child, Command};

/// The longest output that is read: a page of a cluster's list is a few megabytes.
const MOST_OUTPUT: usize = 256 << 20;
/// How much of a program's message is kept: its end, where programs say what went wrong.
const MOST_MESSAGE: usize = 64 << 10;
/// How much of it is shown.
const LONGEST: usize = 600;
/// How long a message is waited for when its program has ended.
const LAST_WORDS: Duration = Duration::from_secs(1);
/// A terminal sends Ctrl-C to the programs too, and their end is then no failure of theirs: this program
/// ends within this time.
const INTERRUPTED: Duration = Duration::from_millis(300);
/// How many requests a program may make before it answers: it logs in first.
const REQUESTS: u32 = 2;

/// The programs of this machine, by the search path.
pub(crate) struct SystemPrograms {
    /// How long a program may take.
    time: Duration,
    /// How many bytes it may write.
    most: usize,
}

impl SystemPrograms {
    /// Programs that take as long as requests may take.
    pub(crate) fn new(request: Duration) -> Self {
        Self { time: request.saturating_mul(REQUESTS), most: MOST_OUTPUT }
    }

    async fn call(&self, call: ProgramCall) -> Result<Vec<u8>, ProgramError> {
        let program = call.program;
        let child = Command::new(program)
            .args(&call.arguments)
            .envs(call.variables)
            // Untranslated messages: they are searched, and shown to the user.
            .env("LC_ALL", "C")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn();
        let child = child.map_err(|error| not_run(program, &error))?;
        let Ok(ended) = tokio::time::timeout(self.time, end(child, self.most)).await else {
            return Err(ProgramError::NoAnswer { program, time: self.time });
        };
        match ended.map_err(|error| not_run(program, &error))? {
            Ended { output: None, .. } => {
                Err(ProgramError::TooMuch { program, mebibytes: self.most >> 20 })
            }
            Ended { output: Some(output), status, .. } if status.success() => Ok(output),
            ended => {
                tokio::time::sleep(INTERRUPTED).await;
                Err(ProgramError::Failed { program, said: said(&ended) })
            }
        }
    }
}

impl Programs for SystemPrograms {
    fn run(&self, call: ProgramCall) -> BoxFuture<'_, Result<Vec<u8>, ProgramError>> {
        self.call(call).boxed()
    }
}

fn not_run(program: &'static str, error: &io::Error) -> ProgramError {
    match error.kind() {
        ErrorKind::NotFound => ProgramError::NotFound(program),
        _ => ProgramError::NotStarted { program, why: error.to_string() },
    }
}

/// How a program ended.
struct Ended {
    status: ExitStatus,
    /// What it wrote on stdout; none if that was too much, and it was ended.
    output: Option<Vec<u8>>,
    /// The end of what it wrote on stderr.
    message: Vec<u8>,
}

/// Waits for the end of a program. One that writes too much is ended.
async fn end(mut child: Child, most: usize) -> io::Result<Ended> {
    let pipes = child.stdout.take().zip(child.stderr.take());
    let (stdout, stderr) = pipes.ok_or_else(|| io::Error::other("it has no output"))?;
    let mut message = Vec::new();
    let (output, status) = {
        let mut messages = pin!(last(stderr, &mut message));
        let mut output = pin!(async {
            let output = at_most(stdout, most).await?;
            if output.is_none() {
                child.start_kill()?;
            }
            Ok::<_, io::Error>((output, child.wait().await?))
        });
        tokio::select! {
            ended = &mut output => {
                // What it started, such as the master of `ssh`, may keep stderr open for ever.
                let _ = tokio::time::timeout(LAST_WORDS, messages).await;
                ended?
            }
            read = &mut messages => {
                read?;
                output.await?
            }
        }
    };
    Ok(Ended { status, output, message })
}

/// Everything that comes; none if it is more than so many bytes.
async fn at_most(mut from: impl AsyncRead + Unpin, most: usize) -> io::Result<Option<Vec<u8>>> {
    let mut all = Vec::new();
    let limit = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    (&mut from).take(limit).read_to_end(&mut all).await?;
    Ok((all.len() <= most).then_some(all))
}

/// The last of what comes; the rest is read and dropped, so that the program can go on.
async fn last(mut from: impl AsyncRead + Unpin, kept: &mut Vec<u8>) -> io::Result<()> {
    let mut block = vec![0; 8 << 10];
    loop {
        let read = from.read(&mut block).await?;
        if read == 0 {
            return Ok(());
        }
        kept.extend_from_slice(&block[..read]);
        kept.drain(..kept.len().saturating_sub(MOST_MESSAGE));
    }
}

/// What a program wrote on stderr, in one line; else how it ended.
fn said(ended: &Ended) -> String {
    let text = String::from_utf8_lossy(&ended.message);
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let line = lines.collect::<Vec<_>>().join("; ");
    if line.is_empty() {
        return ended.status.to_string();
    }
    let from = line.ceil_char_boundary(line.len().saturating_sub(LONGEST));
    if from == 0 { line } else { format!("…{}", &line[from..]) }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    async fn shell(script: &str, time: Duration, most: usize) -> Result<Vec<u8>, ProgramError> {
        let arguments = ["-c", script].map(str::to_owned).to_vec();
        let call = ProgramCall { program: "sh", arguments, variables: Vec::new() };
        SystemPrograms { time, most }.run(call).await
    }

    const MINUTE: Duration = Duration::from_mins(1);

    #[tokio::test]
    async fn a_program_that_writes_without_end_is_ended() {
        let most = 1 << 20;
        let whole = shell("head -c 1048576 /dev/zero", MINUTE, most).await.expect("its output");
        assert_eq!(whole.len(), most);
        for script in ["head -c 1048577 /dev/zero", "exec yes", "yes >&2 & yes; kill $!"] {
            let error = shell(script, MINUTE, most).await.expect_err(script);
            assert_eq!(error, ProgramError::TooMuch { program: "sh", mebibytes: 1 }, "{script}");
            assert!(error.to_string().contains("`sh` wrote more than 1 MiB"), "{error}");
        }
    }

    #[tokio::test]
    async fn a_long_message_is_read_to_its_end_and_only_that_is_kept() {
        let script =
            "head -c 3000000 /dev/zero | tr '\\0' x >&2; echo; echo 'the cause' >&2; exit 7";
        let error = shell(script, MINUTE, 1 << 20).await.expect_err("a failure");
        let ProgramError::Failed { said, .. } = error else { panic!("{error:?}") };
        assert!(said.ends_with("xthe cause") && said.len() < 700, "{said}");
        let open = "echo x >&2; (exec sleep 5 >/dev/null) & echo y";
        assert_eq!(shell(open, MINUTE, 9).await.expect("its output"), b"y\n");
    }

    #[tokio::test]
    async fn a_program_without_an_end_is_waited_for_as_long_as_a_request() {
        let time = Duration::from_millis(300);
        let error = shell("exec sleep 600", time, 9).await.expect_err("no answer");
        assert_eq!(error, ProgramError::NoAnswer { program: "sh", time });
        assert_eq!(SystemPrograms::new(Duration::from_secs(30)).time, MINUTE);
    }
}
