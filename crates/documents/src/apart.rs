//! A template that nobody has looked at yet, set in a process of its own.
//!
//! Whoever writes a template writes a program: one that never ends or that wants all memory must end as a sentence on his page. So
//! the server starts `baokao typeset`, which takes limits on itself, reads one [`Request`] from standard input, writes one
//! [`Answer`] to standard output and ends ([`answer`]). The server waits for [`Limits::time`] and reads no more than
//! [`Limits::bytes`] ([`ask`]). The child is given nothing of our environment, no file and no key.

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ticket::{self, Ticket};
use crate::{DocumentError, Engine, Fault, Fonts, Imprint, Templates};

/// The argument that makes the program a typesetter.
pub const COMMAND: &str = "typeset";
/// Pause between two looks at the child.
const LOOK: Duration = Duration::from_millis(10);
/// Faults that are told of one template.
const MOST_FAULTS: usize = 20;

/// What is wanted of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Want {
    /// The first ticket as a picture.
    Picture,
    /// The first ticket as a PDF.
    Pdf,
    /// All tickets looked at: is everything there?
    Test,
}

/// One errand.
#[derive(Debug, Serialize, Deserialize)]
pub struct Request {
    /// The template.
    pub template: String,
    /// What all templates share, as the server has it.
    pub base: String,
    /// Tickets, each with its name in the test set.
    pub tickets: Vec<(String, Ticket)>,
    /// What is wanted.
    pub want: Want,
}

/// What came of it. No faults: the template is good.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// What is wrong.
    pub faults: Vec<Fault>,
    /// The picture, as SVG.
    pub picture: String,
    /// The PDF.
    pub pdf: Vec<u8>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum ApartError {
    /// It took too long.
    #[error("the template isn't set in time")]
    TooSlow,
    /// It ended without an answer: out of memory, mostly.
    #[error("the template wants too much")]
    TooMuch,
    /// The child couldn't be started or talked to.
    #[error("the typesetter's process")]
    Io(#[source] std::io::Error),
    /// Something else than we answered.
    #[error("the typesetter's answer")]
    Answer(#[source] serde_json::Error),
}

/// How much a template may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Seconds of the clock.
    pub time: Duration,
    /// Bytes of an answer.
    pub bytes: u64,
}

impl Default for Limits {
    /// Ten seconds, 16 MiB.
    fn default() -> Self {
        Self {
            time: Duration::from_secs(10),
            bytes: 16 * 1024 * 1024,
        }
    }
}

/// The child's part: reads the request, sets, says what came of it.
///
/// # Errors
/// A request that isn't ours, or broken fonts.
pub fn answer(request: &[u8]) -> Result<Vec<u8>, Box<dyn std::error::Error + Send + Sync>> {
    let request: Request = serde_json::from_slice(request)?;
    let mut templates = Templates::built_in();
    templates.set("", "base", request.base)?;
    let engine = Engine::new(Fonts::system()?, templates);
    let template: Arc<str> = request.template.into();
    let imprint = Imprint::new("preview", Timestamp::from_seconds(0)).with_template(Some(template));
    let mut answer = Answer::default();
    for (name, ticket) in &request.tickets {
        let outcome = match request.want {
            Want::Picture => ticket::picture(&engine, ticket, &imprint).map(|(svg, pages)| {
                answer.picture = svg;
                if pages > 1 {
                    let text = format!("排出了 {pages} 页，准考证应当只有一页");
                    answer.faults.push(Fault::new(text));
                }
            }),
            Want::Pdf => ticket::render(&engine, ticket, &imprint).map(|pdf| {
                answer.pdf = pdf.bytes;
            }),
            Want::Test => ticket::missing(&engine, ticket, &imprint).map(|faults| {
                let named = faults.iter().map(|fault| in_case(name, fault));
                answer.faults.extend(named);
            }),
        };
        match outcome {
            Ok(()) => {}
            // A mistake in the template stands in the way of every ticket: said once.
            Err(DocumentError::Typeset(faults)) => {
                answer.faults.extend(faults);
                break;
            }
            Err(error) => answer
                .faults
                .push(in_case(name, &Fault::new(error.to_string()))),
        }
        if request.want != Want::Test {
            break;
        }
    }
    answer.faults.truncate(MOST_FAULTS);
    Ok(serde_json::to_vec(&answer)?)
}

fn in_case(name: &str, fault: &Fault) -> Fault {
    Fault {
        line: fault.line,
        text: format!("样例“{name}”：{}", fault.text),
    }
}

/// The server's part: starts `program typeset`, waits, reads. Blocks for as long as the limits let it: call it on a thread for that.
///
/// # Errors
/// See [`ApartError`].
pub fn ask(program: &Path, request: &Request, limits: Limits) -> Result<Answer, ApartError> {
    let sent = serde_json::to_vec(request).map_err(ApartError::Answer)?;
    let mut child = Command::new(program)
        .arg(COMMAND)
        .env_clear()
        // Each thread and each of its heaps reserves address space, which the child's limit counts: on a machine of many cores
        // they would be all of it.
        .env("RAYON_NUM_THREADS", "2")
        .env("MALLOC_ARENA_MAX", "2")
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(ApartError::Io)?;
    let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
    // A child that doesn't read is ended by its time: the pipe then breaks, and the thread ends.
    let writing = std::thread::spawn(move || {
        if let Some(mut pipe) = stdin {
            let _ = pipe.write_all(&sent);
        }
    });
    let most = limits.bytes;
    let reading = std::thread::spawn(move || {
        let mut bytes = Vec::new();
        match stdout {
            Some(pipe) => pipe
                .take(most.saturating_add(1))
                .read_to_end(&mut bytes)
                .map(|_| bytes),
            None => Ok(bytes),
        }
    });
    let ended = wait(&mut child, limits.time);
    if !matches!(ended, Ok(Some(_))) {
        let _ = child.kill();
        let _ = child.wait();
    }
    let _ = writing.join();
    let read = reading
        .join()
        .map_err(|_| ApartError::TooMuch)?
        .map_err(ApartError::Io)?;
    match ended.map_err(ApartError::Io)? {
        None => Err(ApartError::TooSlow),
        Some(false) => Err(ApartError::TooMuch),
        Some(true) if u64::try_from(read.len()).unwrap_or(u64::MAX) > most => {
            Err(ApartError::TooMuch)
        }
        Some(true) => serde_json::from_slice(&read).map_err(ApartError::Answer),
    }
}

/// Whether it ended well; `None` when the time is up.
fn wait(child: &mut Child, time: Duration) -> std::io::Result<Option<bool>> {
    let until = Instant::now() + time;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status.success()));
        }
        if Instant::now() >= until {
            return Ok(None);
        }
        std::thread::sleep(LOOK);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A program in place of ours.
    fn program(script: &str) -> (tempfile::TempDir, std::path::PathBuf) {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("program");
        std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).unwrap();
        (folder, path)
    }

    fn asked(script: &str, limits: Limits) -> Result<Answer, ApartError> {
        let (_folder, path) = program(script);
        let request = Request {
            template: "x".repeat(300_000),
            base: String::new(),
            tickets: Vec::new(),
            want: Want::Picture,
        };
        ask(&path, &request, limits)
    }

    #[test]
    fn a_child_that_sleeps_dies_or_talks_too_much_is_told_apart() {
        let short = Limits {
            time: Duration::from_millis(300),
            bytes: 100,
        };
        let long = Limits {
            time: Duration::from_secs(30),
            bytes: 100,
        };
        let slow = asked("exec /bin/sleep 600", short);
        assert!(matches!(slow, Err(ApartError::TooSlow)), "{slow:?}");
        let dead = asked("exit 3", long);
        assert!(matches!(dead, Err(ApartError::TooMuch)), "{dead:?}");
        let much = asked(
            "/bin/cat > /dev/null; /usr/bin/yes | /usr/bin/head -c 101",
            long,
        );
        assert!(matches!(much, Err(ApartError::TooMuch)), "{much:?}");
        let odd = asked("/bin/cat > /dev/null; echo hello", long);
        assert!(matches!(odd, Err(ApartError::Answer(_))), "{odd:?}");
        let none = ask(
            Path::new("/nowhere"),
            &Request {
                template: String::new(),
                base: String::new(),
                tickets: Vec::new(),
                want: Want::Test,
            },
            long,
        );
        assert!(matches!(none, Err(ApartError::Io(_))), "{none:?}");
    }

    #[test]
    fn nothing_of_the_environment_reaches_the_child() {
        let said = r#"/bin/cat > /dev/null; printf '{"faults":[],"picture":"%s","pdf":[]}' "$HOME$BAOKAO_DATABASE""#;
        let answer = asked(said, Limits::default()).unwrap();
        assert_eq!(answer.picture, "");
    }
}
