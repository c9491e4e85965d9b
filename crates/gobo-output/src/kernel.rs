//! What the system lost of packets that had arrived: a receiver that is too slow must not blame
//! the sender.

use std::collections::BTreeSet;
use std::fs::read_to_string;
use std::net::UdpSocket;

/// The packets that the system dropped at these sockets, because there was no room left for them
/// (`drops` of `/proc/net/udp`, see proc(5)). `None` where the system does not tell.
pub(crate) fn dropped<'a>(sockets: impl Iterator<Item = &'a UdpSocket>) -> Option<u64> {
    let inode = |socket: &UdpSocket| rustix::fs::fstat(socket).ok().map(|stat| stat.st_ino);
    let ours: BTreeSet<u64> = sockets.filter_map(inode).collect();
    let tables = ["/proc/self/net/udp", "/proc/self/net/udp6"];
    let tables: Vec<String> = tables.iter().filter_map(|path| read_to_string(path).ok()).collect();
    let lines = tables.iter().flat_map(|table| table.lines().skip(1));
    let drops = lines.filter_map(drops).filter(|(inode, _)| ours.contains(inode));
    (!tables.is_empty()).then(|| drops.map(|(_, drops)| drops).sum())
}

/// The inode of a line's socket, and its drops.
fn drops(line: &str) -> Option<(u64, u64)> {
    let mut columns = line.split_ascii_whitespace();
    let inode = columns.nth(9)?.parse().ok()?;
    Some((inode, columns.last()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read() {
        let line = " 1049: 0100007F:1388 00000000:0000 07 00000000:00000000 00:00000000 00000000     \
                    0        0 158741 2 0000000000000000 17 ";
        assert_eq!(drops(line), Some((158_741, 17)));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn what_is_not_read_in_time_is_counted() {
        let receiver = UdpSocket::bind("127.0.0.1:0").unwrap();
        receiver.set_nonblocking(true).unwrap();
        let sender = UdpSocket::bind("127.0.0.1:0").unwrap();
        let to = receiver.local_addr().unwrap();
        assert_eq!(dropped([&receiver].into_iter()), Some(0));
        for _ in 0..5000 {
            sender.send_to(&[7; 638], to).unwrap();
        }
        let read =
            std::iter::repeat_with(|| receiver.recv(&mut [0; 1000])).take_while(Result::is_ok);
        let read = read.count() as u64;
        assert!(read < 5000, "the system has room for all");
        assert_eq!(dropped([&receiver].into_iter()), Some(5000 - read));
    }
}
