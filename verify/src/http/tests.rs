//! The client against bytes on a socket.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use sha2::{Digest as _, Sha256};

use super::*;
use crate::serve::Loopback;

/// Answers each connection with the next of `answers`, and gives what it was asked.
fn serve(answers: Vec<Vec<u8>>) -> (SocketAddr, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let (sender, asked) = channel();
    std::thread::spawn(move || {
        for answer in answers {
            let (mut stream, _) = listener.accept().expect("a connection");
            let _ = stream.set_read_timeout(Some(Duration::from_millis(100)));
            let mut request = Vec::new();
            let mut buffer = [0; 4096];
            while let Ok(n) = stream.read(&mut buffer) {
                request.extend_from_slice(&buffer[..n]);
                if n == 0 || request.ends_with(b"\r\n\r\n") && !request.starts_with(b"POST") {
                    break;
                }
            }
            let _ = sender.send(String::from_utf8_lossy(&request).into_owned());
            let _ = stream.write_all(&answer);
            if answer.ends_with(b"endless") {
                std::thread::sleep(Duration::from_secs(3));
            }
        }
    });
    (address, asked)
}

fn client(address: SocketAddr) -> Client {
    let address = Loopback::new(address).expect("loopback");
    Client::new(address, "localhost", Duration::from_secs(1))
}

fn run<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.expect("a runtime").block_on(future)
}

fn get(target: &str) -> Recipe {
    Recipe {
        session: "main".into(),
        method: "GET".into(),
        target: target.into(),
        ..Recipe::default()
    }
}

fn ask(client: &mut Client, recipe: &Recipe) -> Answer {
    let request = client.fill(recipe);
    run(client.send(&request, recipe.keep.as_deref()))
}

#[test]
fn answers_are_kept_as_they_come() {
    let chunked = b"HTTP/1.1 200 OK\r\nSet-Cookie: b=1\r\nX-Odd: \xe9\r\nset-cookie: a=2\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n";
    let (address, _) = serve(vec![chunked.to_vec()]);
    let answer = ask(&mut client(address), &get("/"));
    let reply = answer.reply().expect("a reply");
    assert_eq!(reply.body.start, b"abcd");
    assert_eq!(reply.body.end, End::Complete);
    assert_eq!(reply.header("x-odd"), Some("é"));
    assert_eq!(reply.all("set-cookie").collect::<Vec<_>>(), ["b=1", "a=2"]);
}

#[test]
fn what_is_no_whole_answer_has_a_name() {
    for (answer, expected) in [
        (&b""[..], "the connection was closed without an answer"),
        (
            b"HTTP/1.1 200",
            "the connection was closed without an answer",
        ),
        (b"nonsense\r\n\r\n", "what came back is not HTTP"),
    ] {
        let (address, _) = serve(vec![answer.to_vec()]);
        let answer = ask(&mut client(address), &get("/"));
        assert_eq!(answer, Answer::Nothing(expected.into()));
    }
    let unused = TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr());
    let answer = ask(&mut client(unused.expect("a port")), &get("/"));
    assert_eq!(
        answer,
        Answer::Nothing("no connection: connection refused".into())
    );
}

#[test]
fn bodies_end_as_they_end() {
    let broken = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc".to_vec();
    let endless = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nendless".to_vec();
    for (answer, end, length) in [(broken, End::Broken, 3), (endless, End::TimeUp, 7)] {
        let (address, _) = serve(vec![answer]);
        let answer = ask(&mut client(address), &get("/"));
        let body = &answer.reply().expect("a reply").body;
        assert_eq!((body.end, body.length), (end, length));
    }
}

#[test]
fn of_large_bodies_the_start_is_kept_and_all_is_counted() {
    let body = vec![b'x'; 3 << 20];
    let mut answer =
        format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len()).into_bytes();
    answer.extend_from_slice(&body);
    let (address, _) = serve(vec![answer]);
    let answer = ask(&mut client(address), &get("/"));
    let seen = &answer.reply().expect("a reply").body;
    assert_eq!(seen.start.len(), Body::KEPT);
    assert_eq!(seen.length, 3 << 20);
    assert_eq!(seen.digest.as_slice(), Sha256::digest(&body).as_slice());
}

#[test]
fn cookies_go_back_as_a_browser_sends_them() {
    let first = b"HTTP/1.1 200 OK\r\nSet-Cookie: z=1; Path=/; Secure\r\nSet-Cookie: a=2; Path=/\r\nSet-Cookie: deep=3; Path=/x\r\nSet-Cookie: other=4; Domain=example.org\r\nContent-Length: 0\r\n\r\n".to_vec();
    let plain =
        b"HTTP/1.1 200 OK\r\nSet-Cookie: a=; Max-Age=0; Path=/\r\nContent-Length: 0\r\n\r\n"
            .to_vec();
    let (address, asked) = serve(vec![
        first,
        plain.clone(),
        plain.clone(),
        plain.clone(),
        plain,
    ]);
    let mut client = client(address);
    let cookie = |asked: &Receiver<String>| {
        let request = asked.recv().expect("a request").to_lowercase();
        let line = request.lines().find(|l| l.starts_with("cookie:"));
        line.map(|l| l["cookie:".len()..].trim().to_owned())
    };
    ask(&mut client, &get("/"));
    assert_eq!(cookie(&asked), None);
    ask(&mut client, &get("/x/y"));
    assert_eq!(cookie(&asked).as_deref(), Some("deep=3; a=2; z=1"));
    ask(&mut client, &get("/"));
    assert_eq!(cookie(&asked).as_deref(), Some("z=1"));
    let mut own = get("/");
    let pieces = vec![
        Piece::Literal("z=forged; z=".into()),
        Piece::Cookie("z".into()),
    ];
    own.headers.push(("Cookie".into(), Text(pieces)));
    ask(&mut client, &own);
    assert_eq!(cookie(&asked).as_deref(), Some("z=forged; z=1"));
    let mut stranger = get("/");
    stranger.session = "another".into();
    ask(&mut client, &stranger);
    assert_eq!(cookie(&asked), None);
}

#[test]
fn holes_are_filled_from_what_the_side_answered() {
    let page =
        "<meta name=token content=m1><form><input type=hidden name=csrf value='t&amp;1'></form>";
    let answer = format!(
        "HTTP/1.1 200 OK\r\nETag: \"v1\"\r\nContent-Length: {}\r\n\r\n{page}",
        page.len()
    );
    let (address, _) = serve(vec![answer.into_bytes()]);
    let mut client = client(address);
    ask(
        &mut client,
        &Recipe {
            keep: Some("page".into()),
            ..get("/")
        },
    );
    let of = || "page".to_owned();
    let hole = |piece: Piece| Text(vec![piece]);
    let recipe = Recipe {
        method: "POST".into(),
        headers: vec![(
            "If-None-Match".into(),
            hole(Piece::Header {
                of: of(),
                name: "etag".into(),
            }),
        )],
        content: Content::Form(vec![
            (
                "csrf".into(),
                hole(Piece::Field {
                    of: of(),
                    name: "csrf".into(),
                }),
            ),
            (
                "meta".into(),
                hole(Piece::Meta {
                    of: of(),
                    name: "token".into(),
                }),
            ),
            (
                "none".into(),
                hole(Piece::Field {
                    of: of(),
                    name: "absent".into(),
                }),
            ),
            ("a b".into(), "é&+".into()),
        ]),
        ..get("/a b?q=<é>")
    };
    let request = client.fill(&recipe);
    assert_eq!(request.target, "/a%20b?q=%3C%C3%A9%3E");
    assert_eq!(request.headers[0].1, "\"v1\"");
    assert_eq!(
        String::from_utf8_lossy(&request.body),
        "csrf=t%261&meta=m1&a+b=%C3%A9%26%2B"
    );
}

#[test]
fn parts_are_written_as_browsers_write_them() {
    let recipe = Recipe {
        content: Content::Multipart(vec![
            Part {
                name: "title".into(),
                value: "has ----migrate in it".into(),
                file: None,
            },
            Part {
                name: "file".into(),
                value: "content".into(),
                file: Some(("a \"b\".txt".into(), "text/plain".into())),
            },
        ]),
        ..get("/")
    };
    let unused: SocketAddr = "127.0.0.1:9".parse().expect("an address");
    let request = client(unused).fill(&recipe);
    let kind = "multipart/form-data; boundary=----migratex";
    assert_eq!(request.headers[0].1, kind);
    assert_eq!(
        String::from_utf8_lossy(&request.body),
        "------migratex\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nhas ----migrate in it\r\n\
         ------migratex\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a %22b%22.txt\"\r\n\
         Content-Type: text/plain\r\n\r\ncontent\r\n------migratex--\r\n"
    );
}
