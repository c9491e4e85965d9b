//! An Art-Net node of the tests' own: it answers polls, and remembers the levels it gets. It shares
//! no code with gobo.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// What a node heard: packets, and the last sequence number and first level, by port address.
pub type Heard = BTreeMap<u16, (u64, u8, u8)>;

/// A node that is switched on.
pub struct FakeNode {
    stop: Arc<AtomicBool>,
    mute: Arc<AtomicBool>,
    heard: Arc<Mutex<Heard>>,
    thread: Option<JoinHandle<()>>,
}

impl FakeNode {
    /// Switches a node on, which listens at `listen` and says that its address is `address`. It
    /// turns `ports` into DMX512. To be called on the host that it is to be on.
    pub fn on(listen: SocketAddr, address: Ipv4Addr, ports: &[u16]) -> Self {
        let socket = UdpSocket::bind(listen).unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
        let stop = Arc::new(AtomicBool::new(false));
        let heard = Arc::<Mutex<Heard>>::default();
        let replies: Vec<Vec<u8>> =
            (1..).zip(ports.chunks(4)).map(|(page, ports)| reply(address, page, ports)).collect();
        let mute = Arc::new(AtomicBool::new(false));
        let thread = std::thread::spawn({
            let (stop, mute, heard) = (stop.clone(), mute.clone(), heard.clone());
            move || {
                let mut bytes = [0; 1024];
                while !stop.load(Ordering::Relaxed) {
                    let Ok((length, from)) = socket.recv_from(&mut bytes) else { continue };
                    let replies = if mute.load(Ordering::Relaxed) { &[] } else { &replies[..] };
                    listen_to(&socket, &bytes[..length], from, replies, &heard);
                }
            }
        });
        Self { stop, mute, heard, thread: Some(thread) }
    }

    /// Whether it answers polls no more; it does when it is switched on.
    pub fn mute(&self, mute: bool) {
        self.mute.store(mute, Ordering::Relaxed);
    }

    /// What it heard so far.
    pub fn heard(&self) -> Heard {
        self.heard.lock().unwrap().clone()
    }

    /// How many packets of levels it heard so far.
    pub fn packets(&self) -> u64 {
        self.heard.lock().unwrap().values().map(|(count, ..)| count).sum()
    }
}

impl Drop for FakeNode {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.take().unwrap().join().unwrap();
    }
}

fn listen_to(
    socket: &UdpSocket,
    bytes: &[u8],
    from: SocketAddr,
    replies: &[Vec<u8>],
    heard: &Mutex<Heard>,
) {
    if !bytes.starts_with(b"Art-Net\0") {
        return;
    }
    match &bytes[8..10] {
        [0x00, 0x20] => {
            for reply in replies {
                socket.send_to(reply, from).unwrap();
            }
        }
        [0x00, 0x50] => {
            let port = u16::from_le_bytes([bytes[14], bytes[15]]);
            let mut heard = heard.lock().unwrap();
            let (count, sequence, level) = heard.entry(port).or_default();
            (*count, *sequence, *level) = (*count + 1, bytes[12], bytes[18]);
        }
        _ => {}
    }
}

/// An ArtPollReply of 239 bytes (Art-Net 4, "ArtPollReply").
fn reply(address: Ipv4Addr, page: u8, ports: &[u16]) -> Vec<u8> {
    let mut bytes = vec![0; 239];
    bytes[..10].copy_from_slice(b"Art-Net\0\x00\x21");
    bytes[10..14].copy_from_slice(&address.octets());
    bytes[14..16].copy_from_slice(&6454_u16.to_le_bytes());
    bytes[18] = (ports[0] >> 8) as u8;
    bytes[19] = (ports[0] >> 4 & 0xf) as u8;
    bytes[26..30].copy_from_slice(b"node");
    bytes[173] = ports.len() as u8;
    for (index, port) in ports.iter().enumerate() {
        bytes[174 + index] = 0x80;
        bytes[190 + index] = (port & 0xf) as u8;
    }
    bytes[207..211].copy_from_slice(&address.octets());
    bytes[211] = page;
    bytes
}
