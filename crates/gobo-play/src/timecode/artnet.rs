//! ArtTimeCode from the network.

use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use gobo_timecode::{ArtTimeCode, parse_art_time_code};
use socket2::{Domain, Socket, Type};

use super::{CodeError, Ending, LOOK, Teller, is_done};

/// A sender that was silent for so long gives way to others.
const SILENCE: Duration = Duration::from_secs(1);

pub(super) fn listen(address: SocketAddr, mut teller: Teller) -> Result<Ending, CodeError> {
    let socket = bind(address).map_err(|cause| CodeError::Listen { address, cause })?;
    Ending::spawn("gobo-artcode", move |done| {
        let mut bytes = [0; 1024];
        let mut leader: Option<((IpAddr, u8), Instant)> = None;
        while !is_done(done) {
            // Nothing came, or an error that concerns something sent from here.
            let Ok((length, from)) = socket.recv_from(&mut bytes) else { continue };
            let now = Instant::now();
            let Some(Ok(heard)) = parse_art_time_code(&bytes[..length]) else { continue };
            let ArtTimeCode { stream, code } = heard;
            let who = (from.ip(), stream);
            // Of several timecodes on the network one is followed, not one after the other.
            if leader.is_none_or(|(led, at)| led == who || now > at + SILENCE) {
                leader = Some((who, now));
                teller.see(code, 0.0, now, None);
            }
        }
    })
}

fn bind(address: SocketAddr) -> std::io::Result<UdpSocket> {
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, None)?;
    socket.set_reuse_address(true)?;
    socket.set_read_timeout(Some(LOOK))?;
    socket.bind(&address.into())?;
    Ok(socket.into())
}
