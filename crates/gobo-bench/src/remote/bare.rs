//! What `gobo serve` is measured against: a process that sends each change to all clients, and
//! does nothing else. No JSON, no state, one thread.

use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};

use anyhow::Result;
use rustix::buffer::spare_capacity;
use rustix::event::epoll;

use super::socket::number_after;

const LISTENER: u64 = u64::MAX;
const WELCOME: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\n\r\n";

/// Listens, says where, and broadcasts until it is ended.
pub(crate) fn run() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("http://{}/", listener.local_addr()?);
    let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
    let data = epoll::EventData::new_u64(LISTENER);
    epoll::add(&epoll, &listener, data, epoll::EventFlags::IN)?;
    let mut clients: Vec<Option<TcpStream>> = Vec::new();
    let mut events = Vec::with_capacity(256);
    let mut room = [0; 16 * 1024];
    loop {
        events.clear();
        epoll::wait(&epoll, spare_capacity(&mut events), None)?;
        for event in &events {
            let index = event.data.u64();
            if index == LISTENER {
                let (stream, _) = listener.accept()?;
                stream.set_nodelay(true)?;
                stream.set_nonblocking(true)?;
                let data = epoll::EventData::new_u64(clients.len() as u64);
                epoll::add(&epoll, &stream, data, epoll::EventFlags::IN)?;
                clients.push(Some(stream));
            } else {
                hear(&mut clients, index as usize, &mut room);
            }
        }
    }
}

fn hear(clients: &mut [Option<TcpStream>], index: usize, room: &mut [u8]) {
    let Some(stream) = &mut clients[index] else { return };
    let text = match stream.read(room) {
        Ok(count) if count > 0 => &room[..count],
        Err(error) if error.kind() == ErrorKind::WouldBlock => return,
        _ => return clients[index] = None,
    };
    if text.starts_with(b"GET ") {
        return send(stream, WELCOME);
    }
    let Some(change) = number_after(text, br#""req_id":"#) else {
        // A hello.
        return send(stream, &frame(br#"{"type":"snapshot","seq":1,"state":{}}"#));
    };
    let value = number_after(text, super::KEY.as_bytes()).unwrap_or_default();
    let answer = format!(
        r#"{{"type":"event","level":"info","message":"fixture.set_values","data":{{"accepted":true,"name":"fixture.set_values","req_id":{change}}}}}"#
    );
    send(stream, &frame(answer.as_bytes()));
    let patch = format!(
        r#"{{"type":"patch","seq":{change},"base":{change},"changes":[{{"path":["fixtures","u1b0","held"],"value":{{{}{value}}}}}]}}"#,
        super::KEY
    );
    let patch = frame(patch.as_bytes());
    clients.iter_mut().flatten().for_each(|client| send(client, &patch));
}

/// Who does not take it has it not.
fn send(stream: &mut TcpStream, bytes: &[u8]) {
    let _ = stream.write_all(bytes);
}

/// A frame of a server.
fn frame(body: &[u8]) -> Vec<u8> {
    let mut frame = vec![129];
    match body.len() {
        length @ ..126 => frame.push(length as u8),
        length => {
            frame.push(126);
            frame.extend((length as u16).to_be_bytes());
        }
    }
    frame.extend(body);
    frame
}
