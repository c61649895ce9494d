//! Runs the commands that the operator gave, with an end to how long they
//! take and to how much they say.

use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::AsyncReadExt;
use tokio::net::unix::pipe::Receiver;
use tokio::process::{Child, Command};

/// How much of what a command says is kept: its end, in bytes.
const KEPT: usize = 1000;

/// Runs a command by `sh -c`. An error says what became of it, without its
/// text, which may have a password in it.
pub(super) async fn run(script: &str, file: &Path, timeout: Duration) -> Result<(), String> {
    let mut said = Vec::new();
    let ended = attempt(script, file, timeout, &mut said)
        .await
        .map_err(|error| format!("could not be run: {error}"))?;
    let outcome = match ended {
        Some(status) if status.success() => return Ok(()),
        Some(status) => format!("ended with {status}"),
        None => format!("did not end within {} s and was killed", timeout.as_secs()),
    };
    Err(match readable(&said) {
        said if said.is_empty() => format!("{outcome} and said nothing"),
        said => format!("{outcome} and said: {said}"),
    })
}

/// A path as the shell takes it for one word. One without anything special
/// stays as it is, so that it may stand within quotes.
pub(super) fn quoted(path: &Path) -> String {
    let path = path.to_string_lossy();
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-+@:,=".contains(&byte);
    if path.bytes().all(is_plain) {
        return path.into_owned();
    }
    format!("'{}'", path.replace('\'', r"'\''"))
}

/// None: it was killed because it took too long.
async fn attempt(
    script: &str,
    file: &Path,
    timeout: Duration,
    said: &mut Vec<u8>,
) -> io::Result<Option<ExitStatus>> {
    // One pipe for both, so that what it says stays in order.
    let (reader, writer) = io::pipe()?;
    let mut child = Command::new("sh")
        .arg("-c")
        .arg(script)
        .env("PODROUTE_FILE", file)
        .stdin(Stdio::null())
        .stdout(writer.try_clone()?)
        .stderr(writer)
        .process_group(0)
        .spawn()?;
    let mut group = Group::of(&child);
    let mut pipe = Receiver::from_owned_fd(OwnedFd::from(reader))?;
    let Ok(status) = tokio::time::timeout(timeout, listen(&mut child, &mut pipe, said)).await
    else {
        drop(group);
        child.kill().await?;
        return Ok(None);
    };
    group.ended();
    read_rest(pipe, said)?;
    status.map(Some)
}

/// Reads until the command has ended. What it left running in the background
/// may hold the pipe open for longer.
async fn listen(
    child: &mut Child,
    pipe: &mut Receiver,
    said: &mut Vec<u8>,
) -> io::Result<ExitStatus> {
    let mut buffer = [0; 4096];
    loop {
        tokio::select! {
            length = pipe.read(&mut buffer) => match length? {
                0 => return child.wait().await,
                length => keep(said, buffer.get(..length).unwrap_or_default()),
            },
            status = child.wait() => return status,
        }
    }
}

/// What is in the pipe when the command has ended: a pipe holds 64 KiB.
fn read_rest(pipe: Receiver, said: &mut Vec<u8>) -> io::Result<()> {
    let mut rest = std::fs::File::from(pipe.into_nonblocking_fd()?);
    let mut buffer = vec![0; 1 << 16];
    if let Ok(length) = rest.read(&mut buffer) {
        keep(said, buffer.get(..length).unwrap_or_default());
    }
    Ok(())
}

fn keep(said: &mut Vec<u8>, more: &[u8]) {
    said.extend_from_slice(more);
    let surplus = said.len().saturating_sub(KEPT);
    said.drain(..surplus);
}

/// One line of plain text.
fn readable(said: &[u8]) -> String {
    let text = String::from_utf8_lossy(said);
    let lines: Vec<String> = text
        .lines()
        .map(|line| line.replace(char::is_control, " ").trim().to_owned())
        .filter(|line| !line.is_empty())
        .collect();
    lines.join("; ")
}

/// The processes that a command started. Killed when dropped before the
/// command has ended: at the end of its time, or of podroute.
struct Group(Option<Pid>);

impl Group {
    fn of(child: &Child) -> Self {
        let id = child.id().and_then(|id| i32::try_from(id).ok());
        Self(id.and_then(Pid::from_raw))
    }

    fn ended(&mut self) {
        self.0 = None;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(group) = self.0 {
            // An error means that there is nothing left to kill.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}
