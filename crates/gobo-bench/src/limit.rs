//! What this machine can send: the bare loop that playing is measured against.

use std::io::{self, IoSlice};
use std::mem::MaybeUninit;
use std::net::{SocketAddr, UdpSocket};
use std::thread;
use std::time::Duration;

use anyhow::Result;
use rustix::net::addr::SocketAddrArg;
use rustix::net::{MMsgHdr, SendAncillaryBuffer, SendFlags, sendmmsg};
use rustix::thread::clock_nanosleep_absolute;
use rustix::time::{ClockId, Timespec, clock_gettime};
use thread_priority::{
    RealtimeThreadSchedulePolicy, ThreadPriority, ThreadSchedulePolicy,
    set_thread_priority_and_policy, thread_native_id,
};

/// CPU seconds that this thread has used.
fn thread_cpu() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

/// Packets of full ArtDmx size, sent 60 times a second by absolute deadlines in batches of
/// `sendmmsg`, with real-time priority where it is permitted, as gobo asks for it: CPU seconds
/// used by `frames` frames.
pub(crate) fn bare_loop(target: SocketAddr, universes: u16, frames: u32) -> Result<f64> {
    let thread = thread::Builder::new().name("bare-loop".into()).spawn(move || {
        // Refused to gobo, it is refused here as well.
        ask_for_real_time(50);
        stream(target, universes, frames)
    })?;
    thread.join().map_err(|_| anyhow::anyhow!("the bare loop died"))?
}

/// Asks for real-time priority for this thread, 1 to 99; goes on without.
pub(crate) fn ask_for_real_time(priority: u8) {
    let fifo = ThreadSchedulePolicy::Realtime(RealtimeThreadSchedulePolicy::Fifo);
    if let Ok(priority) = priority.try_into() {
        let priority = ThreadPriority::Crossplatform(priority);
        let _ = set_thread_priority_and_policy(thread_native_id(), priority, fifo);
    }
}

fn stream(target: SocketAddr, universes: u16, frames: u32) -> Result<f64> {
    let socket = UdpSocket::bind("127.0.0.1:0")?;
    let packets: Vec<Vec<u8>> = (0..universes).map(artdmx).collect();
    let target = target.as_any();
    let start = clock_gettime(ClockId::Monotonic);
    let cpu = thread_cpu();
    for frame in 0..frames {
        sleep_until(start, Duration::from_nanos(u64::from(frame) * 1_000_000_000 / 60))?;
        for batch in packets.chunks(BATCH) {
            send_batch(&socket, &target, batch)?;
        }
    }
    Ok(thread_cpu() - cpu)
}

const BATCH: usize = 64;

fn send_batch(
    socket: &UdpSocket,
    target: &rustix::net::SocketAddrAny,
    batch: &[Vec<u8>],
) -> io::Result<()> {
    let slices: Vec<[IoSlice<'_>; 1]> = batch.iter().map(|p| [IoSlice::new(p)]).collect();
    let mut space: [[MaybeUninit<u8>; 0]; BATCH] = [[]; BATCH];
    let mut controls: Vec<_> = space.iter_mut().map(|s| SendAncillaryBuffer::new(s)).collect();
    let mut messages: Vec<_> = slices
        .iter()
        .zip(&mut controls)
        .map(|(slice, control)| MMsgHdr::new_with_addr(target, slice, control))
        .collect();
    let mut sent = 0;
    while sent < messages.len() {
        sent += sendmmsg(socket, &mut messages[sent..], SendFlags::empty())?;
    }
    Ok(())
}

/// An ArtDmx packet as Art-Net 4 lays it out.
fn artdmx(port_address: u16) -> Vec<u8> {
    let mut packet = b"Art-Net\0".to_vec();
    packet.extend([0x00, 0x50, 0, 14, 1, 0]);
    packet.extend(port_address.to_le_bytes());
    packet.extend(512_u16.to_be_bytes());
    packet.resize(18 + 512, 0x55);
    packet
}

fn sleep_until(start: Timespec, after: Duration) -> Result<()> {
    let nanos = start.tv_nsec as u64 + u64::from(after.subsec_nanos());
    let deadline = Timespec {
        tv_sec: start.tv_sec + after.as_secs() as i64 + (nanos / 1_000_000_000) as i64,
        tv_nsec: (nanos % 1_000_000_000) as i64,
    };
    Ok(clock_nanosleep_absolute(ClockId::Monotonic, &deadline)?)
}
