//! The one who makes the changes.

use std::net::SocketAddr;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, ensure};

use super::course::Course;
use super::socket::{HELLO, Socket, number_after};
use crate::edits::wire::now;

/// How often there is a change: 60 a second, a little faster than frames, so that they come at any
/// moment of one.
pub(super) const EVERY: Duration = Duration::from_micros(16_500);
/// How long the last may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Makes all changes; from each to its answer, in microseconds.
pub(super) fn change_all(
    address: SocketAddr,
    fixture: &str,
    channel: &str,
    course: &Arc<Course>,
) -> Result<Vec<u32>> {
    let mut socket = Socket::open(address)?;
    socket.say(HELLO)?;
    let open = r#"{"type":"intent","name":"system.set_edit_lock","payload":{"locked":false}}"#;
    socket.say(open)?;
    let mut speaker = socket.stream.try_clone()?;
    let changes = Arc::clone(course);
    let listener = thread::Builder::new().name("answers".into()).spawn(move || {
        // So that what is measured is the answer, not who listens to it.
        crate::limit::ask_for_real_time(10);
        listen(&mut socket, &changes)
    })?;
    crate::limit::ask_for_real_time(10);
    thread::sleep(Duration::from_secs(1));
    let mut next = Instant::now();
    for change in 0..course.len() {
        thread::sleep(next.saturating_duration_since(Instant::now()));
        next += EVERY;
        let text = format!(
            r#"{{"type":"intent","req_id":{change},"name":"fixture.set_values","payload":{{"fixture_id":"{fixture}","values":{{"{channel}":{}}}}}}}"#,
            Course::value(change)
        );
        let frame = super::socket::frame(1, text.as_bytes());
        course.begin(change, now());
        std::io::Write::write_all(&mut speaker, &frame).context("a change")?;
    }
    let answers = listener.join().map_err(|_| anyhow!("nobody listens to answers"))??;
    Ok(answers)
}

fn listen(socket: &mut Socket, course: &Course) -> Result<Vec<u32>> {
    let mut room = vec![0; 128 * 1024];
    let mut taken = Vec::with_capacity(course.len());
    let mut refused = None;
    socket.stream.set_read_timeout(Some(PATIENCE))?;
    let mut heard = Instant::now();
    while taken.len() < course.len() && heard.elapsed() < PATIENCE && !socket.is_over {
        let mut at = None;
        socket.read(&mut room, |text| {
            let at = *at.get_or_insert_with(now);
            let Some(change) = number_after(text, br#""req_id":"#) else { return };
            if text.windows(16).any(|part| part == br#""accepted":false"#) {
                refused = Some(String::from_utf8_lossy(text).into_owned());
            }
            taken.extend(course.since(change as usize, at));
            heard = Instant::now();
        });
    }
    ensure!(refused.is_none(), "refused: {}", refused.unwrap_or_default());
    ensure!(taken.len() == course.len(), "{} answers to {} changes", taken.len(), course.len());
    Ok(taken)
}
