//! An authority behind a socket.

use std::{
    io::{Read as _, Write as _},
    net::TcpListener,
    thread::JoinHandle,
};

/// Answers one request over HTTP, with what `answer` makes of it: the address, and the thread that serves it.
pub(crate) fn serve(
    answer: impl FnOnce(Vec<u8>) -> Vec<u8> + Send + 'static,
) -> (String, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}/tsr", listener.local_addr().expect("an address"));
    let served = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a caller");
        let mut request = Vec::new();
        let mut byte = [0];
        while !request.ends_with(b"\r\n\r\n") {
            stream.read_exact(&mut byte).expect("a head");
            request.push(byte[0]);
        }
        let head = String::from_utf8_lossy(&request).to_lowercase();
        assert!(
            head.contains("content-type: application/timestamp-query"),
            "{head}"
        );
        let length = head.split("content-length: ").nth(1).expect("a length");
        let length = length
            .lines()
            .next()
            .expect("a line")
            .trim()
            .parse()
            .expect("a number");
        let mut body = vec![0; length];
        stream.read_exact(&mut body).expect("a body");
        let answer = answer(body);
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/timestamp-reply\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            answer.len()
        );
        stream.write_all(head.as_bytes()).expect("written");
        stream.write_all(&answer).expect("written");
    });
    (url, served)
}
