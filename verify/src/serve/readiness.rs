//! Whether a server answers, on loopback and nowhere else.

use std::fmt;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

/// An address of this machine that no other machine can reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Loopback(SocketAddr);

impl Loopback {
    /// The address, if it is one.
    #[must_use]
    pub fn new(address: SocketAddr) -> Option<Self> {
        address.ip().is_loopback().then_some(Self(address))
    }

    /// A port that nobody listens on at the moment.
    ///
    /// # Errors
    /// When the machine has none.
    pub fn free() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.local_addr().map(Self)
    }

    /// The address.
    #[must_use]
    pub const fn address(self) -> SocketAddr {
        self.0
    }
}

impl fmt::Display for Loopback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The path that a server is asked for to see whether it answers. Hardly an app has it, so no view runs; a 404 is an answer.
const PATH: &str = "/.well-known/migrate-ready";

/// Asks once, and waits up to `patience` for the first bytes of an answer. A server that listens before it can answer
/// (gunicorn does while its worker imports the app) is thus asked once and not many times: every side gets one such request.
pub(super) fn answers(server: Loopback, patience: Duration) -> bool {
    let ask = || {
        let mut stream = TcpStream::connect_timeout(&server.0, Duration::from_secs(1))?;
        stream.set_read_timeout(Some(patience.max(Duration::from_millis(1))))?;
        write!(
            stream,
            "GET {PATH} HTTP/1.1\r\nHost: {server}\r\nConnection: close\r\n\r\n"
        )?;
        // A port of the ephemeral range that nobody listens on may be connected with itself (RFC 9293, 3.5: simultaneous open).
        if stream.local_addr()? == server.0 {
            return Ok(false);
        }
        let mut start = [0; 5];
        stream.read_exact(&mut start)?;
        let is_http = &start == b"HTTP/";
        // The rest, if it comes soon: a server that is left in the middle of an answer complains in its log.
        stream.set_read_timeout(Some(Duration::from_millis(500)))?;
        let _ = io::copy(&mut stream.take(1 << 20), &mut io::sink());
        Ok::<_, io::Error>(is_http)
    };
    ask().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_machines_are_refused() {
        for (address, fine) in [
            ("127.0.0.1:80", true),
            ("127.9.9.9:80", true),
            ("[::1]:80", true),
            ("0.0.0.0:80", false),
            ("192.168.0.1:80", false),
            ("[::]:80", false),
        ] {
            let loopback = Loopback::new(address.parse().unwrap());
            assert_eq!(loopback.is_some(), fine, "{address}");
        }
    }

    #[test]
    fn an_answer_is_http() {
        for (sent, ready) in [
            ("HTTP/1.1 404 NOT FOUND\r\n\r\n", true),
            ("SSH-2.0-x\r\n", false),
            ("", false),
        ] {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let server = Loopback(listener.local_addr().unwrap());
            let thread = std::thread::spawn(move || {
                let (mut stream, _) = listener.accept().unwrap();
                let _ = stream.read(&mut [0; 1024]);
                stream.write_all(sent.as_bytes()).unwrap();
            });
            assert_eq!(answers(server, Duration::from_secs(5)), ready, "{sent}");
            thread.join().unwrap();
        }
        let nobody = Loopback::free().unwrap();
        assert!(!answers(nobody, Duration::from_secs(5)));
    }
}
